// Node's socket.io as it comes: a room, and an event that goes to everybody in it.
import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer();
const io = new Server(http);

io.on("connection", (socket) => {
    socket.on("join", (_, acknowledge) => {
        socket.join("room");
        acknowledge();
    });
    socket.on("say", (data) => io.to("room").emit("message", data));
    socket.on("ask", (_, acknowledge) => acknowledge({ ok: true }));
});

http.listen({ port: 0, host: "127.0.0.1", backlog: 1024 }, () => {
    console.log(`Running on http://127.0.0.1:${http.address().port}`);
});
