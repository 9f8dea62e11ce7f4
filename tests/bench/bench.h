/* Bench: what the parts of the timing program share.
 *
 * Purpose.  Timings of the real training path: the functions that `basin run` calls, on the same
 * data, with the same arguments. Each is put beside the peak of a pure loop of fused multiply-adds
 * in the same process and the same seconds, so that a slow minute of the machine slows both.
 * Method.  Five rounds, the things to compare alternating within a round; of each the best round
 * counts. Ownership.  setting_open hands over; setting_close releases all.
 */
#ifndef BASIN_TESTS_BENCH_H
#define BASIN_TESTS_BENCH_H

#include <stdatomic.h>
#include "models/network.h"
#include "train/train.h"

enum { ROUNDS = 5 };

double now(void); /* seconds of the monotonic clock */

/* FLOP/s of one thread: independent fused multiply-adds of float32 in registers, for about
 * `seconds`. */
double peak_measure(double seconds);
const char *peak_describe(void); /* the instruction set that it uses */

/* A net on a data set, ready to be trained. */
struct setting {
    const char *key;                    /* "mlp-512" */
    const char *name;                   /* "MLP 784-512-512-10, batch 128" */
    const char *dataset, *architecture; /* as in a spec */
    int64_t batch;
    double target; /* share of the peak, 0: none */
};

extern const struct setting settings[], smoke; /* ended by a NULL key; a small one on MNIST-1D */
const struct setting *setting_find(const char *key); /* NULL if there is none */

struct job {
    const struct setting *setting;
    struct arena *arena;
    struct data_store *store;
    struct value *spec;
    const struct train_settings *settings;
    struct model *model;
    const struct data *data;
};

basin_status setting_open(const struct setting *setting, struct job *job);
void setting_close(struct job *job);
struct network_request job_network(const struct job *job, enum network_kind kind,
                                   enum model_mode mode);

/* Trains the job with train_run until `slice_end` says so. Called once a step, in the middle of it
 * (the gradient is there, the optimiser has not stepped): the time between two calls is one step.
 * Return true to end the training. */
struct stepper {
    bool (*step)(void *context, double flops);
    void *context;
};
basin_status throughput_train(const struct job *job, struct stepper stepper);

/* The parts. `seconds`: of one slice of training. */
basin_status bench_train(const struct setting *setting, double seconds);
basin_status bench_slice(const struct setting *setting,
                         double seconds); /* one line for scripts: FLOP/s, seconds a step, peak */
basin_status bench_cores(const struct setting *setting, double seconds);
basin_status bench_products(const struct setting *setting, double seconds);
basin_status bench_tiny(void); /* training time of a run of a tiny sweep */
basin_status bench_files(const char *folder, int count, int bytes,
                         int threads); /* seconds of write + fsync + rename */

/* One line of the table; target: "" or text such as ">= 75 %". */
enum verdict { VERDICT_NONE, VERDICT_OK, VERDICT_MISSED };
void print_row(const char *what, const char *target, enum verdict verdict, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void print_target(const char *what, double value, double target,
                  const char *unit); /* ok where value >= target */

#endif
