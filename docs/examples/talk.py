"""Talk in a room with python-socketio: pip install "python-socketio[client]".

python talk.py http://127.0.0.1:5000/chatrooms/kBMrdyDhencRErJbDA4jeg/ "Ada" "Hello, house."
"""

import sys
import uuid
from urllib.parse import urlsplit

import requests
import socketio

link, name, *lines = sys.argv[1:]
site = "{0.scheme}://{0.netloc}".format(urlsplit(link))
hash_key = link.rstrip("/").rpartition("/")[2]

# A name is all it takes; the token is what the name is held by.
session = requests.post(f"{site}/sessions", json={"username": name}, timeout=10).json()
headers = {"Authorization": f"Bearer {session['token']}"}
chat = requests.post(f"{site}/chatrooms/{hash_key}/join", headers=headers, timeout=10).json()

client = socketio.Client()
cursor = 0  # everything up to this rev has been read


def show(message):
    print(f"{message['username']}: {message['content']}", flush=True)


def catch_up(page):
    """Read on until there is no more; `page` is the first answer."""
    global cursor
    for message in page["messages"]:
        show(message)
    cursor = page["rev"]
    if page["more"]:
        log = f"{site}/chats/{chat['id']}/messages?after={cursor}"
        catch_up(requests.get(log, headers=headers, timeout=10).json())


@client.on("message")
def on_message(message):
    global cursor
    if message["rev"] == cursor + 1:
        show(message)
        cursor = message["rev"]
    elif message["rev"] > cursor:  # something is missing before it
        log = f"{site}/chats/{chat['id']}/messages?after={cursor}"
        catch_up(requests.get(log, headers=headers, timeout=10).json())


@client.on("connect")
def on_connect():
    """Also after a lost connection: the answer is what was missed."""
    client.emit("enter", {"chat_id": chat["id"], "after": cursor}, callback=entered)


def entered(answer):
    catch_up(answer)
    for line in lines:
        client.emit("send", {"chat_id": chat["id"], "client_id": str(uuid.uuid4()), "content": line})
    lines.clear()


client.connect(site, auth={"token": session["token"]})
client.wait()
