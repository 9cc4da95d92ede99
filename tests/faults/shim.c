/* Stands between a program and the C library, by LD_PRELOAD: makes a disk fail and a clock jump when the test
 * says so, and writes down in which order the program writes, flushes and answers. Linux only.
 *
 * FAULTS_CONTROL names a file of the size of `struct control`, which the test changes while the program runs.
 * FAULTS_LOG, if it is set, names the file that the records go to; tests/faults/shim.py reads both.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

struct control {
    int32_t log_error;      /* what flushing the write-ahead log fails with; 0: it does not */
    int32_t database_error; /* the same of the database */
    int64_t clock_shift;    /* seconds that the wall clock is off */
};

struct record {
    uint32_t kind;
    uint32_t length; /* of the data that follows */
    int64_t place;   /* of what was written, its offset; of a flush, its thread; else 0 */
};

enum { LOG_WRITTEN = 1, SYNC_BEGUN = 2, SYNC_DONE = 3, SENT = 4 };

static struct control nothing;
static struct control *control = &nothing;
static int log_file = -1;

static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_send)(int, const void *, size_t, int);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_clock_gettime)(clockid_t, struct timespec *);

static void prepare(void) {
    if (real_clock_gettime)
        return;
    real_write = dlsym(RTLD_NEXT, "write");
    real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
    real_send = dlsym(RTLD_NEXT, "send");
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    real_clock_gettime = dlsym(RTLD_NEXT, "clock_gettime");
}

__attribute__((constructor)) static void begin(void) {
    prepare();
    const char *path = getenv("FAULTS_CONTROL");
    int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (file >= 0) {
        void *page = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        if (page != MAP_FAILED)
            control = page;
        close(file);
    }
    path = getenv("FAULTS_LOG");
    if (path)
        log_file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

/* One call with O_APPEND: records of several threads stand one after another, in the order in which they happened. */
static void note(uint32_t kind, int64_t place, const void *data, size_t length) {
    if (log_file < 0)
        return;
    int error = errno;
    struct record record = {kind, length, place};
    struct iovec parts[] = {{&record, sizeof record}, {(void *)data, length}};
    if (writev(log_file, parts, 2) != (ssize_t)(sizeof record + length))
        abort(); /* an incomplete log would prove nothing */
    errno = error;
}

/* Whether the file's name ends so: "chat.db" for the database, "chat.db-wal" for its write-ahead log. */
static int is_named(int file, const char *end) {
    char link[64], path[4096];
    int error = errno;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    errno = error;
    if (length < (ssize_t)strlen(end))
        return 0;
    path[length] = 0;
    return !strcmp(path + length - strlen(end), end);
}

static int is_log(int file) { return is_named(file, "chat.db-wal"); }

/* Noted when it is done: what a flush that begins later covers. */
ssize_t pwrite64(int file, const void *data, size_t length, off64_t offset) {
    ssize_t written = real_pwrite(file, data, length, offset);
    if (written > 0 && log_file >= 0 && is_log(file))
        note(LOG_WRITTEN, offset, data, written);
    return written;
}

ssize_t pwrite(int file, const void *data, size_t length, off_t offset) {
    return pwrite64(file, data, length, offset);
}

/* SQLite, if it was built without pwrite, seeks and writes. */
ssize_t write(int file, const void *data, size_t length) {
    prepare();
    int follow = log_file >= 0 && is_log(file);
    off_t offset = follow ? lseek(file, 0, SEEK_CUR) : 0;
    ssize_t written = real_write(file, data, length);
    if (follow && written > 0)
        note(LOG_WRITTEN, offset, data, written);
    return written;
}

static int flush(int (*real)(int), int file) {
    int log = is_log(file);
    int error = log ? control->log_error : is_named(file, "chat.db") ? control->database_error : 0;
    if (error) {
        errno = error;
        return -1;
    }
    if (log)
        note(SYNC_BEGUN, gettid(), NULL, 0);
    int result = real(file);
    if (log && result == 0)
        note(SYNC_DONE, gettid(), NULL, 0);
    return result;
}

int fsync(int file) { return flush(real_fsync, file); }

int fdatasync(int file) { return flush(real_fdatasync, file); }

/* Noted before it happens: nobody can have had it earlier. */
ssize_t send(int file, const void *data, size_t length, int flags) {
    note(SENT, 0, data, length);
    return real_send(file, data, length, flags);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    prepare();
    int result = real_clock_gettime(clock, now);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        now->tv_sec += control->clock_shift;
    return result;
}

int gettimeofday(struct timeval *now, void *zone) {
    struct timespec time;
    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &time))
        return -1;
    now->tv_sec = time.tv_sec;
    now->tv_usec = time.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *now) {
    struct timespec exact;
    clock_gettime(CLOCK_REALTIME, &exact);
    if (now)
        *now = exact.tv_sec;
    return exact.tv_sec;
}
