#include "study/claim.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "base/arena.h"
#include "study/folder.h"
#include "study/machine.h"

enum { ID = 17, INSTANCE = 128, LINE = 512 };

struct held {
    char id[ID];
    struct held *next;
};

struct claims {
    const char *folder;
    char host[256], line[LINE]; /* line: what our claims say */
    struct held *held;
    bool ending;
    pthread_mutex_t lock;
    pthread_cond_t end;
    pthread_t beat;
};

static const char *file_of(const struct claims *claims, const char *id, char path[FOLDER_PATH])
{
    snprintf(path, FOLDER_PATH, "%s/claims/%s", claims->folder, id);
    return path;
}

static basin_status refuse(const char *path)
{
    return error_write("claim a run by %s", path);
}

/* ---- who is who ---- */

/* When a process was started, in ticks since boot; 0 where it is not there. Its name, in brackets, may hold anything. */
static unsigned long long start_of(long process)
{
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%ld/stat", process);
    FILE *file = fopen(path, "re");
    if (!file) return 0;
    size_t length = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[length] = 0;
    const char *at = strrchr(text, ')');
    for (int field = 2; at && field < 22; field++) at = strchr(at + 1, ' ');
    return at ? strtoull(at, NULL, 10) : 0;
}

/* Where process numbers mean the same: since one start of the system, in one namespace. */
static const char *instance(char out[INSTANCE])
{
    char boot[40] = "", space[64] = "";
    FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");
    size_t length = file ? fread(boot, 1, sizeof boot - 1, file) : 0;
    if (file) fclose(file);
    boot[strspn(boot, "0123456789abcdef-")] = 0;
    ssize_t linked = readlink("/proc/self/ns/pid", space, sizeof space - 1);
    snprintf(out, INSTANCE, "%s/%s", length ? boot : "unknown", linked > 0 ? space : "unknown");
    return out;
}

/* What the claims of this process say. */
static void describe_self(char line[LINE])
{
    char host[256], here[INSTANCE];
    snprintf(line, LINE, "%s %ld %llu %s\n", machine_host(host, sizeof host), (long)getpid(), start_of((long)getpid()), instance(here));
}

/* The time that the file system has now: that of a file which is touched; without one (-1) that of this host. */
static bool file_system_time(int file, struct timespec *now)
{
    struct stat state;
    if (file < 0) return clock_gettime(CLOCK_REALTIME, now) == 0;
    if (futimens(file, NULL) != 0 || fstat(file, &state) != 0) return false;
    *now = state.st_mtim;
    return true;
}

/* Is the process behind a claim still at work? Where that cannot be known, yes. */
static bool is_alive(int claim, int lock, char who[CLAIM_WHO])
{
    char text[LINE], host[256], own[256], where[INSTANCE], here[INSTANCE];
    long process = 0;
    unsigned long long start = 0;
    struct stat state;
    struct timespec now;
    ssize_t length = pread(claim, text, sizeof text - 1, 0);
    text[length > 0 ? length : 0] = 0;
    int words = sscanf(text, "%255s %ld %llu %127s", host, &process, &start, where);
    bool is_whole = words >= 3;
    snprintf(who, CLAIM_WHO, is_whole ? "%.80s, process %ld" : "somebody", host, process);
    bool same = is_whole && strcmp(host, machine_host(own, sizeof own)) == 0 && (words == 3 || strcmp(where, instance(here)) == 0);
    if (same)
        return (kill((pid_t)process, 0) == 0 || errno == EPERM) && (start == 0 || start_of(process) == start);
    if (fstat(claim, &state) != 0 || !file_system_time(lock, &now)) return true;
    return now.tv_sec - state.st_mtim.tv_sec < CLAIM_LEASE;
}

/* ---- taking and giving back ---- */

static int open_lock(const struct claims *claims)
{
    char path[FOLDER_PATH];
    int file = open(file_of(claims, ".lock", path), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    while (file >= 0 && flock(file, LOCK_EX) != 0 && errno == EINTR) continue; /* without locks exclusive creation is left */
    return file;
}

static bool write_line(int file, const char *line)
{
    size_t length = strlen(line);
    ssize_t written;
    do written = write(file, line, length);
    while (written < 0 && errno == EINTR);
    return written == (ssize_t)length;
}

/* Whole or not there: written under another name (which store_clean_folder knows for a dead process'), then linked. */
static basin_status make(const struct claims *claims, const char *path)
{
    char temporary[FOLDER_PATH + 300];
    snprintf(temporary, sizeof temporary, "%s.%s-%ld-0.tmp", path, claims->host, (long)getpid());
    int file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (file < 0) return refuse(path);
    bool made = write_line(file, claims->line) && link(temporary, path) == 0;
    basin_status status = made ? BASIN_OK : refuse(path);
    close(file);
    unlink(temporary);
    return status;
}

static basin_status take(const struct claims *claims, const char *path, int lock, enum claim *claim, char who[CLAIM_WHO])
{
    int there = open(path, O_RDONLY | O_CLOEXEC);
    *claim = there < 0 ? CLAIM_OURS : is_alive(there, lock, who) ? CLAIM_HELD : CLAIM_INHERITED;
    if (there >= 0) close(there);
    if (*claim == CLAIM_HELD) return BASIN_OK;
    if (there >= 0 && unlink(path) != 0 && errno != ENOENT) return refuse(path);
    return make(claims, path);
}

basin_status claims_take(struct claims *claims, const char *id, enum claim *claim, char who[CLAIM_WHO])
{
    char path[FOLDER_PATH];
    struct held *mine = memory_allocate(sizeof *mine);
    if (!mine) return BASIN_MEMORY;
    int lock = open_lock(claims);
    basin_status status = lock < 0 ? refuse(file_of(claims, ".lock", path)) : take(claims, file_of(claims, id, path), lock, claim, who);
    if (lock >= 0) close(lock);
    if (status != BASIN_OK || *claim == CLAIM_HELD) {
        memory_free(mine);
        return status;
    }
    snprintf(mine->id, sizeof mine->id, "%s", id);
    pthread_mutex_lock(&claims->lock);
    mine->next = claims->held;
    claims->held = mine;
    pthread_mutex_unlock(&claims->lock);
    return BASIN_OK;
}

static bool says(int claim, const char *line)
{
    char text[LINE];
    ssize_t length = pread(claim, text, sizeof text, 0);
    return length == (ssize_t)strlen(line) && memcmp(text, line, (size_t)length) == 0;
}

/* Not where the process slept past its lease and another has it now. */
static bool is_ours(const struct claims *claims, const char *path)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    bool ours = file >= 0 && says(file, claims->line);
    if (file >= 0) close(file);
    return ours;
}

void claims_release(struct claims *claims, const char *id)
{
    char path[FOLDER_PATH];
    int lock = open_lock(claims);
    pthread_mutex_lock(&claims->lock);
    for (struct held **at = &claims->held; *at; at = &(*at)->next) {
        struct held *held = *at;
        if (strcmp(held->id, id) != 0) continue;
        *at = held->next;
        if (is_ours(claims, file_of(claims, id, path))) unlink(path);
        memory_free(held);
        break;
    }
    pthread_mutex_unlock(&claims->lock);
    if (lock >= 0) close(lock);
}

void claims_tidy(struct claims *claims)
{
    char path[FOLDER_PATH], who[CLAIM_WHO];
    int lock = open_lock(claims);
    DIR *folder = lock < 0 ? NULL : opendir(file_of(claims, "", path));
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        if (strlen(entry->d_name) != ID - 1) continue; /* no claim */
        int claim = open(file_of(claims, entry->d_name, path), O_RDONLY | O_CLOEXEC);
        if (claim < 0) continue;
        if (!is_alive(claim, lock, who)) unlink(path);
        close(claim);
    }
    if (folder) closedir(folder);
    if (lock >= 0) close(lock);
}

bool claim_is_held(const char *folder, const char *id)
{
    char path[FOLDER_PATH], who[CLAIM_WHO], line[LINE];
    snprintf(path, sizeof path, "%s/claims/%s", folder, id);
    int claim = open(path, O_RDONLY | O_CLOEXEC);
    if (claim < 0) return false;
    describe_self(line);
    bool held = !says(claim, line) && is_alive(claim, -1, who);
    close(claim);
    return held;
}

/* ---- the beat ---- */

static void *beat(void *context)
{
    struct claims *claims = context;
    char path[FOLDER_PATH];
    pthread_mutex_lock(&claims->lock);
    while (!claims->ending) {
        struct timespec next;
        clock_gettime(CLOCK_REALTIME, &next);
        next.tv_sec += CLAIM_BEAT;
        pthread_cond_timedwait(&claims->end, &claims->lock, &next);
        for (const struct held *held = claims->held; held && !claims->ending; held = held->next)
            if (is_ours(claims, file_of(claims, held->id, path))) utimensat(AT_FDCWD, path, NULL, 0);
    }
    pthread_mutex_unlock(&claims->lock);
    return NULL;
}

basin_status claims_create(const char *folder, struct claims **out)
{
    struct claims *claims = *out = memory_allocate(sizeof *claims);
    if (!claims) return BASIN_MEMORY;
    claims->folder = folder;
    machine_host(claims->host, sizeof claims->host);
    describe_self(claims->line);
    pthread_mutex_init(&claims->lock, NULL);
    pthread_cond_init(&claims->end, NULL);
    int failure = pthread_create(&claims->beat, NULL, beat, claims);
    if (!failure) return BASIN_OK;
    pthread_cond_destroy(&claims->end);
    pthread_mutex_destroy(&claims->lock);
    memory_free(claims);
    *out = NULL;
    return error_raise(BASIN_INTERNAL, "cannot start the thread that keeps claims alive: %s", strerror(failure));
}

void claims_destroy(struct claims *claims)
{
    if (!claims) return;
    pthread_mutex_lock(&claims->lock);
    claims->ending = true;
    pthread_cond_signal(&claims->end);
    pthread_mutex_unlock(&claims->lock);
    pthread_join(claims->beat, NULL);
    while (claims->held) claims_release(claims, claims->held->id);
    pthread_cond_destroy(&claims->end);
    pthread_mutex_destroy(&claims->lock);
    memory_free(claims);
}
