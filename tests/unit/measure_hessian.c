/* measure/hessian.c: products over batches, several vectors at once, the stop flag, short memory.
 * What they are is proved in the theory suite against differences of gradients. */
#include "../support.h"
#include "measure/hessian.h"

static struct setting s;
static struct measure_site site;

static void start(void)
{
    setting_open(&s, "dataset: {name: mnist1d, train_size: 1300, test_size: 10}\narchitecture: "
                     "{type: mlp, hidden: [5], activation: tanh}\n"
                     "precision: float64\n");
    site = (struct measure_site){
        .spec = s.spec, .model = s.model, .data = s.data, .w = some_weights(&s)};
}

static void end(void)
{
    memory_fail_at(0);
    setting_close(&s);
}

TestSuite(measure_hessian, .init = start, .fini = end);

static double *vectors(size_t count)
{
    double *v = doubles(&s, count * setting_size(&s));
    struct random random = random_make(1, STREAM_PROBE, 0, 0);
    random_fill_normal(&random, 1, v, count * setting_size(&s));
    return v;
}

static double *products(size_t examples, const double *v, size_t count)
{
    struct hessian *hessian;
    double *out = doubles(&s, count * setting_size(&s));
    OK(hessian_create(&site, examples, &hessian));
    OK(hessian_multiply(hessian, v, count, out));
    hessian_destroy(hessian);
    return out;
}

Test(measure_hessian, several_vectors_at_once_are_the_same_bits_as_one_by_one)
{
    size_t size = setting_size(&s);
    double *v = vectors(5), *together = products(1300, v, 5);
    for (size_t i = 0; i < 5; i++)
        cr_assert_arr_eq(products(1300, v + i * size, 1), together + i * size, size * sizeof *v);
}

/* H is the mean over examples: (1000 H[first 1000] + 300 H[last 300]) / 1300, and the first are the
 * first. */
Test(measure_hessian, a_mean_over_the_first_examples)
{
    size_t size = setting_size(&s);
    double *v = vectors(1), *all = products(1300, v, 1), *first = products(1000, v, 1);
    struct network *network;
    struct network_request request =
        train_network(s.spec, s.model, s.data, NETWORK_PRODUCT, MODE_EVAL);
    double *rest = doubles(&s, size);
    uint32_t rows[300];
    for (uint32_t i = 0; i < 300; i++) rows[i] = 1000 + i;
    OK(network_create(&request, 300, &network));
    network_bind(network, SLOT_PARAMETERS, (void *)site.w);
    network_bind(network, SLOT_TANGENT, v);
    network_bind(network, SLOT_PRODUCT, rest);
    network_load(network, DATA_TRAIN, rows);
    network_run(network, PROGRAM_ALL);
    for (size_t i = 0; i < size; i++) NEAR(all[i], (1000 * first[i] + 300 * rest[i]) / 1300, 1e-14);
    network_destroy(network);
}

Test(measure_hessian, linear_in_the_vector)
{
    size_t size = setting_size(&s);
    double *v = vectors(3), *hv;
    for (size_t i = 0; i < size; i++) v[2 * size + i] = 2 * v[i] - 3 * v[size + i];
    hv = products(200, v, 3);
    for (size_t i = 0; i < size; i++) NEAR(hv[2 * size + i], 2 * hv[i] - 3 * hv[size + i], 1e-13);
}

Test(measure_hessian, the_stop_flag)
{
    static _Atomic bool stop = true;
    struct hessian *hessian;
    double *v = vectors(1), *out = doubles(&s, setting_size(&s));
    site.stop = &stop;
    OK(hessian_create(&site, 100, &hessian));
    cr_assert_eq(hessian_multiply(hessian, v, 1, out), BASIN_INTERRUPTED);
    stop = false;
    OK(hessian_multiply(hessian, v, 1, out));
    hessian_destroy(hessian);
}

Test(measure_hessian, every_shortage_of_memory_is_an_error)
{
    basin_status status = BASIN_MEMORY;
    for (long n = 1; status != BASIN_OK; n++) {
        struct hessian *hessian;
        memory_fail_at(n);
        status = hessian_create(&site, 1300, &hessian);
        memory_fail_at(0);
        cr_assert(status == BASIN_OK || status == BASIN_MEMORY);
        cr_assert(n > 1 || status == BASIN_MEMORY);
        if (status == BASIN_OK) hessian_destroy(hessian);
    }
}
