"""Talk in a room with python-socketio: pip install "python-socketio[client]".

python talk.py http://127.0.0.1:5000/chatrooms/kBMrdyDhencRErJbDA4jeg/ "Ada" "Hello, house."
"""

import sys
import uuid
from urllib.parse import urlsplit

import requests
import socketio

if len(sys.argv) < 3:
    sys.exit("usage: talk.py LINK NAME [WHAT TO SAY ...]")
link, name, *lines = sys.argv[1:]
site = "{0.scheme}://{0.netloc}".format(urlsplit(link))
hash_key = link.rstrip("/").rpartition("/")[2]
headers = {}


def call(method, path, body=None):
    """One call of the HTTP interface; ends the program with the server's words when it refuses."""
    answer = requests.request(method, site + path, json=body, headers=headers, timeout=10)
    if not answer.ok:
        sys.exit(answer.json()["error"]["message"])
    return answer.json() if answer.content else None


# A name is all it takes; the token is what the name is held by.
token = call("POST", "/sessions", {"username": name})["token"]
headers["Authorization"] = f"Bearer {token}"
chat = call("POST", f"/chatrooms/{hash_key}/join")

client = socketio.Client()
cursor = 0  # everything up to this rev has been read
# What is still to be said, each with the id under which the server stores it once, however often it is sent.
unsent = {str(uuid.uuid4()): line for line in lines}


def show(messages, rev):
    """Show what is new in its order, then move the cursor. A terminal takes nothing back: of what has changed
    it tells.
    """
    global cursor
    for message in sorted(messages, key=lambda message: message["seq"]):
        name, content = message["username"], message["content"]
        if message["rev"] <= cursor:
            continue
        if message["seq"] > cursor:
            if not message["deleted"]:
                print(f"{name}: {content}", flush=True)
        elif message["deleted"]:
            print(f"({name} took a message back.)", flush=True)
        elif message["edited_at"]:
            print(f"{name}, edited: {content}", flush=True)
    cursor = max(cursor, rev)


def catch_up(page=None):
    """Read what is new to its end, and only then show it: pages come in the order of changes. `page` is the
    first answer, if there is one.
    """
    messages, rev, more = {}, cursor, True
    while more:
        page = page or call("GET", f"/chats/{chat['id']}/messages?after={rev}")
        messages |= {message["seq"]: message for message in page["messages"]}
        rev, more, page = page["rev"], page["more"], None
    show(messages.values(), rev)


@client.on("message")
def on_message(message):
    if message["rev"] == cursor + 1:
        show([message], message["rev"])
    elif message["rev"] > cursor:  # something is missing before it
        catch_up()


@client.on("connect")
def on_connect():
    """Also after a lost connection: the answer is what was missed."""
    client.emit("enter", {"chat_id": chat["id"], "after": cursor}, callback=entered)


@client.on("removed")
@client.on("room_deleted")
def on_end(_):
    print("This room is closed to you.", flush=True)
    client.disconnect()


def entered(answer):
    if "error" in answer:
        print(answer["error"]["message"], flush=True)
        client.disconnect()
        return
    catch_up(answer)
    for client_id, line in unsent.items():
        message = {"chat_id": chat["id"], "client_id": client_id, "content": line}
        client.emit("send", message, callback=lambda answer: unsent.pop(answer["message"]["client_id"], None))


client.connect(site, auth={"token": token})
try:
    client.wait()
except KeyboardInterrupt:
    client.disconnect()
finally:
    call("DELETE", "/sessions/current")  # gives the name back
