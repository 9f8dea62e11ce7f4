#include "study/admission.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"

/* ---- the order ---- */

/* Index sort by FLOPs, descending, suspects last; equal costs keep the order of the spec. */
struct cost_key {
    int suspicion; /* 0: none */
    double flops;
    size_t position;
};

static int by_cost(const void *a, const void *b)
{
    const struct cost_key *x = a, *y = b;
    if (x->suspicion != y->suspicion) return x->suspicion > y->suspicion ? 1 : -1;
    if (x->flops != y->flops) return x->flops < y->flops ? 1 : -1;
    return (x->position > y->position) - (x->position < y->position);
}

static struct place *make_places(const struct study *study, size_t *places_count)
{
    size_t count = 0, most = study->run_count ? study->run_count : 1;
    struct cost_key *keys = memory_allocate(most * sizeof *keys);
    struct place *places = memory_allocate(most * sizeof *places);
    for (size_t i = 0; keys && i < study->run_count; i++) {
        const struct study_run *run = &study->runs[i];
        if (study_run_todo(run))
            keys[count++] =
                (struct cost_key){run->known.unproven ? 2 : run->known.suspect, run->cost.flops, i};
    }
    if (keys && places) {
        qsort(keys, count, sizeof *keys, by_cost);
        for (size_t i = 0; i < count; i++)
            places[i] =
                (struct place){.position = keys[i].position, .suspect = keys[i].suspicion > 0};
    } else {
        memory_free(places);
        places = NULL;
    }
    memory_free(keys);
    *places_count = count;
    return places;
}

basin_status door_open(struct door *door)
{
    pthread_mutex_init(&door->lock, NULL);
    clock_condition(&door->left);
    door->places = make_places(door->study, &door->count);
    return door->places ? BASIN_OK : BASIN_MEMORY;
}

void door_close(struct door *door)
{
    pthread_cond_destroy(&door->left);
    pthread_mutex_destroy(&door->lock);
    memory_free(door->places);
}

/* ---- memory ---- */

static double room_of(const struct door *door)
{
    return door->limit - door->data;
}

static basin_status door_refuse(const struct door *door, const struct run_memory *need)
{
    char needs[32], leaves[32], limit[32], data[32];
    error_raise(BASIN_MEMORY,
                "the run needs %s of memory, and the limit leaves %s (%s less %s of data)",
                text_bytes((double)need->bytes, needs),
                text_bytes(room_of(door) > 0 ? room_of(door) : 0, leaves),
                text_bytes(door->limit, limit), text_bytes(door->data, data));
    error_hint("raise --memory, or use a smaller training.batch_size, network, or number of "
               "examples of a measure");
    return BASIN_MEMORY;
}

/* May the run go in now? Also where it never can: then with the reason. */
static bool admit(struct door *door, struct place *place, struct ticket *ticket)
{
    struct run_memory need;
    *ticket = (struct ticket){.place = place, .position = place->position, .alone = place->suspect};
    basin_status status = study_memory(door->study, &door->study->runs[place->position], &need);
    if (status == BASIN_OK && (double)need.bytes > room_of(door)) status = door_refuse(door, &need);
    if (status != BASIN_OK) {
        ticket->refusal = *basin_error_last();
        return true;
    }
    double bytes = (double)need.bytes, left = room_of(door) - door->used - bytes;
    if (left < 0) return false;
    double spare = fmax(0, fmin(left, room_of(door) / door->jobs - bytes));
    ticket->keep = (double)need.keep < spare ? need.keep : (size_t)spare;
    ticket->bytes = bytes + (double)ticket->keep;
    return true;
}

static void go_in(struct door *door, const struct ticket *ticket)
{
    door->used += ticket->bytes;
    door->inside++;
    door->closed = ticket->alone;
}

static void go_out(struct door *door, const struct ticket *ticket)
{
    door->used -= ticket->bytes;
    if (--door->inside == 0) door->used = 0;
    if (ticket->alone) door->closed = false;
    pthread_cond_broadcast(&door->left);
}

/* The first that may go in, of suspects or of the others; a few are looked at. The lock is held. */
static bool admit_one(struct door *door, bool suspects, struct ticket *ticket)
{
    enum { LOOK = 64 };
    int looked = 0;
    double now = clock_seconds();
    for (size_t i = door->first; i < door->count && looked < LOOK; i++) {
        struct place *place = &door->places[i];
        if (place->taken || place->suspect != suspects || place->later > now) continue;
        looked++;
        if (!admit(door, place, ticket)) continue;
        place->taken = true;
        go_in(door, ticket);
        return true;
    }
    return false;
}

static bool admit_any(struct door *door, struct ticket *ticket)
{
    if (door->closed) return false;
    return admit_one(door, false, ticket) || (!door->inside && admit_one(door, true, ticket));
}

bool door_enter(struct door *door, struct ticket *ticket)
{
    static const double A_WHILE = 0.2; /* s */
    bool in = false;
    pthread_mutex_lock(&door->lock);
    for (;;) {
        while (door->first < door->count && door->places[door->first].taken) door->first++;
        if ((door->first == door->count && !door->inside) || *door->stop || *door->stopped) break;
        if ((in = admit_any(door, ticket))) break;
        clock_wait(
            &door->left, &door->lock,
            A_WHILE); /* somebody is in, and may come back; or another process has what is left */
    }
    pthread_mutex_unlock(&door->lock);
    return in;
}

/* ---- out again ---- */

void door_leave(struct door *door, const struct ticket *ticket)
{
    pthread_mutex_lock(&door->lock);
    go_out(door, ticket);
    pthread_mutex_unlock(&door->lock);
}

/* The lock is held. */
static void put_back(struct door *door, const struct ticket *ticket)
{
    size_t index = (size_t)(ticket->place - door->places);
    go_out(door, ticket);
    ticket->place->taken = false;
    if (index < door->first) door->first = index;
}

void door_come_again(struct door *door, const struct ticket *ticket)
{
    enum { PAUSE = 1 }; /* s */
    pthread_mutex_lock(&door->lock);
    ticket->place->later = clock_seconds() + PAUSE;
    put_back(door, ticket);
    pthread_mutex_unlock(&door->lock);
}

void door_stand_back(struct door *door, const struct ticket *ticket)
{
    pthread_mutex_lock(&door->lock);
    ticket->place->suspect = true;
    put_back(door, ticket);
    pthread_mutex_unlock(&door->lock);
}
