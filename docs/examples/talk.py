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


def show(message):
    global cursor
    print(f"{message['username']}: {message['content']}", flush=True)
    cursor = message["rev"]


def catch_up(page=None):
    """Show what is new, page by page; `page` is the first answer, if there is one."""
    global cursor
    page = page or call("GET", f"/chats/{chat['id']}/messages?after={cursor}")
    for message in page["messages"]:
        if message["rev"] > cursor:
            show(message)
    cursor = max(cursor, page["rev"])
    if page["more"]:
        catch_up()


@client.on("message")
def on_message(message):
    if message["rev"] == cursor + 1:
        show(message)
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
