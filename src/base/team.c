#include "base/team.h"

#include <pthread.h>
#include <string.h>
#include "base/arena.h"

struct seat {
    pthread_t thread;
    team_member *member;
    void *context;
    int number;
};

static void *sit(void *of)
{
    struct seat *seat = of;
    seat->member(seat->context, seat->number);
    return NULL;
}

int team_run(int threads, team_member *member, void *context)
{
    struct seat *seats =
        threads > 1 ? memory_allocate((size_t)threads * sizeof *seats) : NULL; /* NULL: alone */
    int count = 1;
    for (; seats && count < threads; count++) {
        seats[count] = (struct seat){.member = member, .context = context, .number = count};
        if (pthread_create(&seats[count].thread, NULL, sit, &seats[count]) != 0) break;
    }
    member(context, 0);
    for (int i = 1; i < count; i++) pthread_join(seats[i].thread, NULL);
    memory_free(seats);
    return count;
}

basin_status team_fail(const char *what, int failure)
{
    error_raise(BASIN_MEMORY, "cannot start the thread that %s: %s", what, strerror(failure));
    error_hint("the system gives this process no more threads or no memory for one: see `ulimit "
               "-u`, `ulimit -v` and `ulimit -d`");
    return BASIN_MEMORY;
}
