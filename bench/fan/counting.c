/* bench/fan/counting.py's work, fast enough to be no bottleneck: reads connections, answers pings, and counts frames by
 * how their payloads begin. It looks into no frame further than that. A library for one thread. */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { MOST = 40000, EVENTS = 1024, BEGINNING = 16, HEAD = 10 };
enum { RECEIVER = 1, SENDER = 2 };

static struct connection {
    long skip;          /* bytes of a payload that are still to come and of no interest */
    int held;           /* bytes of a frame's beginning */
    unsigned char begun[HEAD + BEGINNING];
    char kind;
} connections[MOST];

static char counted[BEGINNING + 1], answered[BEGINNING + 1];
static size_t counted_size, answered_size;
static long deliveries, answers;
static unsigned char data[262144];

void begin(const char *how_deliveries_begin, const char *how_answers_begin) {
    strncpy(counted, how_deliveries_begin, BEGINNING);
    strncpy(answered, how_answers_begin, BEGINNING);
    counted_size = strlen(counted);
    answered_size = strlen(answered);
}

void watch(int fd, int kind) {
    connections[fd] = (struct connection){.kind = (char)kind};
}

long delivered_so_far(void) { return deliveries; }
long answered_so_far(void) { return answers; }

static int begins(const unsigned char *payload, size_t size, const char *how, size_t how_long) {
    return size >= how_long && memcmp(payload, how, how_long) == 0;
}

static void judge(int fd, const unsigned char *payload, size_t size, long whole) {
    static const char pong[] = "\x81\x81\0\0\0\0" "3";
    if (whole == 1 && payload[0] == '2') {
        if (write(fd, pong, 7) != 7) return; /* a server that does not read is seen by what it does not send */
    } else if (connections[fd].kind == RECEIVER) {
        deliveries += begins(payload, size, counted, counted_size);
    } else {
        answers += begins(payload, size, answered, answered_size);
    }
}

/* One byte more of a frame's beginning. */
static void hear(int fd, struct connection *one, unsigned char byte) {
    one->begun[one->held++] = byte;
    if (one->held < 2) return;
    int code = one->begun[1] & 0x7F, head = code == 127 ? 10 : code == 126 ? 4 : 2;
    if (one->held < head) return;
    long size = code;
    if (code >= 126) {
        size = 0;
        for (int place = 2; place < head; place++) size = size << 8 | one->begun[place];
    }
    int known = size < BEGINNING ? (int)size : BEGINNING;
    if (one->held < head + known) return;
    judge(fd, one->begun + head, (size_t)known, size);
    one->skip = size - known;
    one->held = 0;
}

/* Read what has come on one connection; -1 when it was closed. */
int take(int fd) {
    struct connection *one = &connections[fd];
    ssize_t size = read(fd, data, sizeof data);
    if (size <= 0) return -1;
    for (ssize_t place = 0; place < size;) {
        if (one->skip > 0) {
            long step = size - place < one->skip ? size - place : one->skip;
            place += step;
            one->skip -= step;
        } else {
            hear(fd, one, data[place++]);
        }
    }
    return 0;
}

/* Read until so many deliveries and answers have come in all: 1, or 0 when nothing came for so many milliseconds, or -1
 * when a connection was closed. */
int collect(int epoll, long wanted_deliveries, long wanted_answers, int patience) {
    struct epoll_event found[EVENTS];
    while (deliveries < wanted_deliveries || answers < wanted_answers) {
        int ready = epoll_wait(epoll, found, EVENTS, patience);
        if (ready < 0 && errno != EINTR) return -1;
        if (ready == 0) return 0;
        for (int number = 0; number < ready; number++)
            if (take(found[number].data.fd) < 0) return -1;
    }
    return 1;
}
