#include "folder/claim.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "base/arena.h"
#include "base/clock.h"
#include "base/process.h"
#include "base/text.h"
#include "base/threads.h"
#include "folder/folder.h"
#include "folder/journal.h"
#include "store/store.h"

enum { ID = 17, LINE = 512 };

#define FREE "free\n" /* what a claim says that was left (claims_leave) */

struct held {
    char id[ID];
    struct held *next;
};

struct claims {
    const char *folder;
    char line[LINE]; /* what our claims say */
    struct held *held;
    const _Atomic bool *stop; /* or NULL (claims_heed) */
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

static basin_status claim_refuse(const char *path)
{
    return error_write("claim a run by %s", path);
}

/* -1 where there is no claim that can be read. */
static int open_claim(const char *path)
{
    int file;
    basin_error before = *basin_error_last();
    if (file_open(path, O_RDONLY | O_NOFOLLOW, &file) != BASIN_OK) error_restore(&before);
    return file;
}

/* ---- who is who ---- */

/* What the claims of this process say. */
static void describe_self(char line[LINE])
{
    char host[PROCESS_HOST], here[PROCESS_INSTANCE];
    long self = (long)getpid();
    snprintf(line, LINE, "%s %ld %llu %s\n", process_host(host, sizeof host), self,
             process_start(self), process_instance(here));
}

/* The time that the file system has now: that of a file which is touched; without one (-1) that of
 * this host. */
static bool file_system_time(int file, struct timespec *now)
{
    struct stat state;
    if (file < 0) return clock_gettime(CLOCK_REALTIME, now) == 0;
    if (futimens(file, NULL) != 0 || fstat(file, &state) != 0) return false;
    *now = state.st_mtim;
    return true;
}

/* Whom a claim names. */
struct owner {
    char host[PROCESS_HOST], instance[PROCESS_INSTANCE];
    long process;
    unsigned long long start;
    bool is_whole, is_here, is_free;
};

/* As process_host makes it, so that it can be printed. */
static bool is_host(const char *host)
{
    for (const char *c = host; *c; c++)
        if (!isalnum((unsigned char)*c) && !strchr("._-", *c)) return false;
    return host[0] != 0;
}

static void read_owner(int claim, struct owner *owner)
{
    char text[LINE], own[PROCESS_HOST], here[PROCESS_INSTANCE];
    ssize_t length = pread(claim, text, sizeof text - 1, 0);
    text[length > 0 ? length : 0] = 0;
    *owner = (struct owner){.is_free = strcmp(text, FREE) == 0};
    int words = sscanf(text, "%255s %ld %llu %127s", owner->host, &owner->process, &owner->start,
                       owner->instance);
    owner->is_whole = words >= 3 && is_host(owner->host);
    owner->is_here = owner->is_whole && strcmp(owner->host, process_host(own, sizeof own)) == 0 &&
                     (words == 3 || strcmp(owner->instance, process_instance(here)) == 0);
}

/* Has somebody touched it within the lease? Who lives is not ahead of the clock either. */
static bool is_recent(const struct stat *state, int lock)
{
    struct timespec now;
    if (!file_system_time(lock, &now)) return true;
    return llabs((long long)now.tv_sec - (long long)state->st_mtim.tv_sec) < CLAIM_LEASE;
}

static bool is_touched(const char *path, int lock)
{
    struct stat state;
    return fstatat(AT_FDCWD, path, &state, AT_SYMLINK_NOFOLLOW) == 0 && is_recent(&state, lock);
}

/* Is the process behind a claim still at work? On this host that is known, if the claim says when
 * the process started: numbers are given again, and any number may stand there. Else a claim counts
 * as long as it is touched. */
static bool is_alive(int claim, int lock, struct owner *owner)
{
    struct stat state;
    read_owner(claim, owner);
    if (owner->is_free) return false;
    if (owner->is_here && !process_lives(owner->process, owner->start)) return false;
    if (owner->is_here && owner->start) return true;
    return fstat(claim, &state) != 0 || is_recent(&state, lock);
}

/* ---- taking and giving back ---- */

static bool is_asked_to_stop(const struct claims *claims)
{
    return claims->stop && *claims->stop;
}

/* It is held for an instant at a time: by a process that was stopped, or means no good, perhaps for
 * ever. Nobody waits for that a minute, or, once this process is asked to stop, half a second.
 * Without locks exclusive creation is left. */
static bool wait_for_lock(const struct claims *claims, int file)
{
    enum { TRIES = 3000, LAST_TRIES = 25 };
    const struct timespec pause = {.tv_nsec = 20 * 1000 * 1000};
    for (int i = 0, last = 0; i < TRIES && last < LAST_TRIES; i++) {
        last += is_asked_to_stop(claims);
        if (flock(file, LOCK_EX | LOCK_NB) == 0) return true;
        if (errno != EWOULDBLOCK && errno != EINTR) return true;
        nanosleep(&pause, NULL);
    }
    return false;
}

/* To write, which locks over NFS need. In a copy that was made of hard links the lock has several
 * names: nothing is ever written into it, and then it is opened to read. */
static basin_status open_lock_file(const char *path, int *file)
{
    struct stat about;
    basin_status status = file_open(path, O_RDWR | O_CREAT, file);
    if (status == BASIN_OK || lstat(path, &about) != 0 || about.st_nlink < 2) return status;
    return file_open(path, O_RDONLY | O_NOFOLLOW, file);
}

/* -1 with the last error. */
static int open_lock(const struct claims *claims)
{
    char path[FOLDER_PATH];
    int file;
    if (open_lock_file(file_of(claims, ".lock", path), &file) != BASIN_OK) return -1;
    if (wait_for_lock(claims, file)) return file;
    close(file);
    if (is_asked_to_stop(claims)) {
        error_raise(BASIN_INTERRUPTED, "interrupted while another process held %s", path);
        return -1;
    }
    error_raise(BASIN_IO, "cannot claim a run: another process has held %s for a minute", path);
    error_hint("see which one (`lslocks`), and end it or let it go on");
    return -1;
}

static bool write_line(int file, const char *line)
{
    size_t length = strlen(line);
    ssize_t written;
    do written = write(file, line, length);
    while (written < 0 && errno == EINTR);
    return written == (ssize_t)length;
}

/* Not every file system has hard links, or exclusive renaming. */
static bool is_unknown_call(int reason)
{
    return reason == EPERM || reason == EOPNOTSUPP || reason == ENOSYS || reason == EINVAL ||
           reason == EMLINK;
}

/* The last resort: for an instant the claim is there and empty, which readers take for one that is
 * held. */
static int create_claim(const struct place *from, const char *to)
{
    char line[LINE];
    struct place made_at = {from->folder, to, from->path};
    int source = openat(from->folder, from->name, O_RDONLY | O_CLOEXEC), made = -1;
    ssize_t length = source < 0 ? -1 : read(source, line, sizeof line - 1);
    if (source >= 0) close(source);
    if (length < 0) return -1;
    line[length] = 0;
    made = openat(from->folder, to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (made < 0) return -1;
    bool written = write_line(made, line);
    int reason = errno;
    close(made);
    if (!written) place_unlink(&made_at);
    errno = reason;
    return written ? 0 : -1;
}

/* Gives a file the name `to`, if nothing has it: the first of three ways that this file system
 * knows. */
static int put_exclusively(const struct place *from, const char *to)
{
    int folder = from->folder;
    if (linkat(folder, from->name, folder, to, 0) == 0) return 0;
    if (!is_unknown_call(errno)) return -1;
    if (renameat2(folder, from->name, folder, to, RENAME_NOREPLACE) == 0) return 0;
    return is_unknown_call(errno) ? create_claim(from, to) : -1;
}

static int put_over(const struct place *from, const char *to)
{
    return place_rename(from, to) ? 0 : -1;
}

typedef int put_claim(const struct place *from, const char *to);

static basin_status make_in_place(const struct place *place, const char *line, put_claim *put)
{
    struct text name = {0};
    int file = store_create_temporary(place, &name);
    basin_status status = text_status(&name);
    struct place temporary = {place->folder, status == BASIN_OK ? text_data(&name) : "",
                              place->path};
    if (status == BASIN_OK &&
        (file < 0 || !write_line(file, line) || put(&temporary, place->name) != 0))
        status = claim_refuse(place->path);
    if (file >= 0) {
        close(file);
        place_unlink(&temporary);
    }
    text_free(&name);
    return status;
}

/* Whole or not there: written under another name first. `put`: put_exclusively where nothing may be
 * there, or put_over. */
static basin_status claim_make(const char *path, const char *line, put_claim *put)
{
    struct place place;
    TRY(place_open(path, &place));
    basin_status status = make_in_place(&place, line, put);
    place_close(&place);
    return status;
}

static basin_status remove_claim(const char *path)
{
    struct place place;
    TRY(place_open(path, &place));
    basin_status status = place_unlink(&place) || errno == ENOENT ? BASIN_OK : claim_refuse(path);
    place_close(&place);
    return status;
}

static basin_status claim_take(const struct claims *claims, const char *path, int lock,
                               enum claim *claim, char who[CLAIM_WHO])
{
    struct owner owner = {0};
    int there;
    basin_status status = file_open(path, O_RDONLY | O_NOFOLLOW, &there);
    int reason = errno;
    if (there < 0 && reason != ENOENT && reason != EACCES) return status; /* it is no claim */
    bool held = there >= 0 ? is_alive(there, lock, &owner)
                           : reason == EACCES && is_touched(path, lock); /* another user's */
    *claim = held ? CLAIM_HELD : reason == ENOENT && there < 0 ? CLAIM_OURS : CLAIM_INHERITED;
    if (there >= 0) close(there);
    if (*claim == CLAIM_HELD) {
        snprintf(who, CLAIM_WHO, owner.is_whole ? "%.80s, process %ld" : "somebody", owner.host,
                 owner.process);
        return BASIN_OK;
    }
    if (*claim == CLAIM_INHERITED) TRY(remove_claim(path));
    return claim_make(path, claims->line, put_exclusively);
}

basin_status claims_take(struct claims *claims, const char *id, enum claim *claim,
                         char who[CLAIM_WHO])
{
    char path[FOLDER_PATH];
    struct held *mine = memory_allocate(sizeof *mine);
    if (!mine) return BASIN_MEMORY;
    int lock = open_lock(claims);
    basin_status status = lock < 0
                              ? basin_error_last()->status
                              : claim_take(claims, file_of(claims, id, path), lock, claim, who);
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

static bool claim_says(int claim, const char *line)
{
    char text[LINE];
    ssize_t length = pread(claim, text, sizeof text, 0);
    return length == (ssize_t)strlen(line) && memcmp(text, line, (size_t)length) == 0;
}

/* Not where the process slept past its lease and another has it now. `touch`: it lives. */
static bool is_ours(const struct claims *claims, const char *path, bool touch)
{
    int file = open_claim(path);
    bool ours = file >= 0 && claim_says(file, claims->line);
    if (ours && touch) futimens(file, NULL);
    if (file >= 0) close(file);
    return ours;
}

static void give_back(struct claims *claims, const char *id, bool leave_notice)
{
    char path[FOLDER_PATH];
    int lock = open_lock(claims);
    pthread_mutex_lock(&claims->lock);
    for (struct held **at = &claims->held; *at; at = &(*at)->next) {
        struct held *held = *at;
        if (strcmp(held->id, id) != 0) continue;
        *at = held->next;
        if (is_ours(claims, file_of(claims, id, path), false) &&
            !(leave_notice && claim_make(path, FREE, put_over) == BASIN_OK))
            place_remove(path);
        memory_free(held);
        break;
    }
    pthread_mutex_unlock(&claims->lock);
    if (lock >= 0) close(lock);
}

void claims_release(struct claims *claims, const char *id)
{
    give_back(claims, id, false);
}

void claims_leave(struct claims *claims, const char *id)
{
    give_back(claims, id, true);
}

void claims_tidy(struct claims *claims)
{
    char path[FOLDER_PATH];
    int lock = open_lock(claims);
    DIR *folder = lock < 0 ? NULL : opendir(file_of(claims, "", path));
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        struct owner owner;
        if (strlen(entry->d_name) != ID - 1 ||
            !folder_file_exists(folder_run_file(claims->folder, entry->d_name, path)))
            continue;
        int claim = open_claim(file_of(claims, entry->d_name, path));
        if (claim < 0) continue;
        if (!is_alive(claim, lock, &owner)) place_remove(path);
        close(claim);
    }
    if (folder) closedir(folder);
    if (lock >= 0) close(lock);
}

/* "<host>-<process>", as journals are named (folder/journal.h). */
static bool is_writer(const struct owner *owner, const char *writer)
{
    char name[JOURNAL_NAME];
    return owner->is_whole && strcmp(journal_name(owner->host, owner->process, name), writer) == 0;
}

/* Does a process other than this one hold the claim? `owner` then says which. */
static bool claim_is_of_other(const char *folder, const char *id, struct owner *owner)
{
    char path[FOLDER_PATH], line[LINE];
    snprintf(path, sizeof path, "%s/claims/%s", folder, id);
    int claim = open_claim(path);
    if (claim < 0) return false;
    describe_self(line);
    bool held = !claim_says(claim, line) && is_alive(claim, -1, owner);
    close(claim);
    return held;
}

bool claim_is_held(const char *folder, const char *id, const char *writer)
{
    struct owner owner;
    return claim_is_of_other(folder, id, &owner) &&
           (!writer || !owner.is_whole || is_writer(&owner, writer));
}

bool claim_holder(const char *folder, const char *id, char name[CLAIM_HOLDER])
{
    struct owner owner;
    if (!claim_is_of_other(folder, id, &owner)) return false;
    if (owner.is_whole)
        journal_name(owner.host, owner.process, name);
    else
        snprintf(name, CLAIM_HOLDER, "unknown");
    return true;
}

/* ---- the beat ---- */

static void *beat(void *context)
{
    struct claims *claims = context;
    char path[FOLDER_PATH];
    pthread_mutex_lock(&claims->lock);
    while (!claims->ending) {
        clock_wait(&claims->end, &claims->lock, CLAIM_BEAT);
        for (const struct held *held = claims->held; held && !claims->ending; held = held->next)
            is_ours(claims, file_of(claims, held->id, path), true);
    }
    pthread_mutex_unlock(&claims->lock);
    return NULL;
}

basin_status claims_create(const char *folder, struct claims **out)
{
    struct claims *claims = *out = memory_allocate(sizeof *claims);
    if (!claims) return BASIN_MEMORY;
    claims->folder = folder;
    describe_self(claims->line);
    pthread_mutex_init(&claims->lock, NULL);
    clock_condition(&claims->end);
    int failure = pthread_create(&claims->beat, NULL, beat, claims);
    if (!failure) return BASIN_OK;
    pthread_cond_destroy(&claims->end);
    pthread_mutex_destroy(&claims->lock);
    memory_free(claims);
    *out = NULL;
    return threads_fail("keeps claims alive", failure);
}

void claims_heed(struct claims *claims, const _Atomic bool *stop)
{
    claims->stop = stop;
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
