/* Two trainings on two cores, against what a pure loop of multiply-adds gains from the second core.
 */
#include "bench.h"

#include <math.h>
#include <omp.h>
#include <sched.h>

enum { WARM_STEPS = 50, WORKERS = 2 };

/* One worker: warms up, waits for the others, trains until the end that all share. */
struct worker {
    _Atomic int *ready;
    int workers, warm;
    double seconds, start, flops, rate;
};

static void wait_for_all(struct worker *worker)
{
    atomic_fetch_add(worker->ready, 1);
    while (*worker->ready < worker->workers) sched_yield();
}

static bool step_worker(void *context, double flops)
{
    struct worker *worker = context;
    if (worker->warm < WARM_STEPS) {
        if (++worker->warm < WARM_STEPS) return false;
        wait_for_all(worker);
        worker->start = now();
        return false;
    }
    worker->flops += flops;
    double passed = now() - worker->start;
    worker->rate = worker->flops / passed;
    return passed >= worker->seconds;
}

/* FLOP/s of `workers` threads, each with a training (or the peak loop) of its own. */
static basin_status measure(const struct job *job, int workers, bool peak, double seconds,
                            double *rate)
{
    _Atomic int ready = 0;
    basin_status status = BASIN_OK;
    basin_error error = {0};
    double rates[WORKERS] = {0};
#pragma omp parallel num_threads(workers)
    {
        omp_set_num_threads(1); /* or a team of one would let oneDNN take all cores */
        struct worker worker = {.ready = &ready, .workers = workers, .seconds = seconds};
        basin_status mine = BASIN_OK;
        if (peak) {
            wait_for_all(&worker);
            worker.rate = peak_measure(seconds);
        } else {
            mine = throughput_train(job, (struct stepper){step_worker, &worker});
            if (mine != BASIN_OK && worker.warm < WARM_STEPS)
                atomic_fetch_add(&ready, 1); /* nobody waits for us in vain */
        }
        rates[omp_get_thread_num()] = worker.rate;
#pragma omp critical(bench_cores)
        if (mine != BASIN_OK && status == BASIN_OK) {
            status = mine;
            error = *basin_error_last();
        }
    }
    *rate = 0;
    for (int i = 0; i < workers; i++) *rate += rates[i];
    return status == BASIN_OK ? BASIN_OK : error_restore(&error);
}

basin_status bench_cores(const struct setting *setting, double seconds)
{
    struct job job;
    double best[2][WORKERS] = {{0}}; /* [training, peak][workers - 1] */
    basin_status status = BASIN_OK;
    if (omp_get_num_procs() < WORKERS) {
        print_row("two runs on two cores", ">= 0.93", VERDICT_NONE,
                  "skipped: this process has one core");
        return BASIN_OK;
    }
    TRY(setting_open(setting, &job));
    for (int i = 0; i < ROUNDS * 2 * WORKERS && status == BASIN_OK; i++) {
        int peak = i % 2, workers = 1 + i / 2 % WORKERS;
        double rate;
        status = measure(&job, workers, peak, peak ? seconds / 2 : seconds, &rate);
        if (status == BASIN_OK) best[peak][workers - 1] = fmax(best[peak][workers - 1], rate);
    }
    setting_close(&job);
    TRY(status);
    double gain = best[0][1] / best[0][0], bound = best[1][1] / best[1][0];
    print_target("two runs on two cores: share of the peak's gain", gain / bound, 0.93, "");
    print_row("  gain of training, of the peak loop", "", VERDICT_NONE, "%.3f, %.3f", gain, bound);
    return BASIN_OK;
}
