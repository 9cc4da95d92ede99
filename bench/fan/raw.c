/* The least that a fan-out can cost without joining messages: one send(2) for each subscriber, of a frame that was
 * made once. It speaks just enough WebSocket for bench/fan/generator.py: any request is answered with a 101, masks
 * are zero, "join" subscribes and is acknowledged, and any other event goes to all subscribers. Prints its port. */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST = 20000, LARGEST = 65536, EVENTS = 1024 };

static const char accepted[] =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
static const char joined[] = "\x81\x05" "430[]";
static const char begin[] = "42[\"message\",";

static int subscribers[MOST];
static size_t count;
static char upgraded[MOST];
static char heard[LARGEST], out[LARGEST];

static void die(const char *what) {
    perror(what);
    exit(1);
}

static void send_whole(int fd, const char *data, size_t size) {
    while (size > 0) {
        ssize_t sent = send(fd, data, size, MSG_NOSIGNAL);
        if (sent < 0) die("send");
        data += sent;
        size -= (size_t)sent;
    }
}

static size_t head(char *frame, size_t size) {
    frame[0] = (char)0x81;
    if (size < 126) {
        frame[1] = (char)size;
        return 2;
    }
    frame[1] = 126;
    frame[2] = (char)(size >> 8);
    frame[3] = (char)size;
    return 4;
}

static void spread(const char *payload, size_t size) {
    const char *data = memchr(payload, '{', size);
    if (data == NULL) return; /* a pong */
    size_t rest = size - (size_t)(data - payload), whole = sizeof begin - 1 + rest, start = head(out, whole);
    memcpy(out + start, begin, sizeof begin - 1);
    memcpy(out + start + sizeof begin - 1, data, rest);
    for (size_t number = 0; number < count; number++) send_whole(subscribers[number], out, start + whole);
}

/* Frames come whole: clients send few and small ones, each at once. */
static void hear(int fd, size_t size) {
    const char *place = heard, *end = heard + size;
    while (place + 6 <= end) {
        const unsigned char *frame = (const unsigned char *)place;
        size_t length = frame[1] & 0x7F, start = 6;
        if (length == 126) {
            length = (size_t)frame[2] << 8 | frame[3];
            start = 8;
        }
        const char *payload = place + start;
        if (payload + length > end) {
            fprintf(stderr, "a frame was cut\n");
            exit(1);
        }
        if (length > 10 && memcmp(payload, "420[\"join\"", 10) == 0) {
            subscribers[count++] = fd;
            send_whole(fd, joined, sizeof joined - 1);
        } else {
            spread(payload, length);
        }
        place = payload + length;
    }
}

int main(void) {
    struct rlimit files = {MOST, MOST};
    setrlimit(RLIMIT_NOFILE, &files);
    int one = 1, listener = socket(AF_INET, SOCK_STREAM, 0), epoll = epoll_create1(0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    if (bind(listener, (struct sockaddr *)&address, length) < 0 || listen(listener, 1024) < 0) die("listen");
    getsockname(listener, (struct sockaddr *)&address, &length);
    printf("Running on http://127.0.0.1:%d\n", ntohs(address.sin_port));
    fflush(stdout);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener}, found[EVENTS];
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int ready = epoll_wait(epoll, found, EVENTS, -1);
        for (int number = 0; number < ready; number++) {
            int fd = found[number].data.fd;
            if (fd == listener) {
                int client = accept(listener, NULL, NULL);
                if (client < 0) die("accept");
                setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
                event.data.fd = client;
                epoll_ctl(epoll, EPOLL_CTL_ADD, client, &event);
                continue;
            }
            ssize_t size = recv(fd, heard, sizeof heard, 0);
            if (size <= 0) return 0; /* the bench is over */
            if (upgraded[fd]) {
                hear(fd, (size_t)size);
            } else {
                upgraded[fd] = 1;
                send_whole(fd, accepted, sizeof accepted - 1);
            }
        }
    }
}
