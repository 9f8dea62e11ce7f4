#include "measure/hessian.h"

#include <string.h>
#include "train/train.h"

enum { BATCH = MEASURE_BATCH };

struct batch {
    struct network *network; /* its own, when it is kept; otherwise shared */
    size_t first, count;
    bool own, ready; /* ready: the half without v has been run */
};

struct hessian {
    const struct measure_site *site;
    struct network_pool *pool;
    struct batch *batches;
    size_t batch_count, batch, examples, size;
    enum precision precision;
    void *v, *product; /* (P) of the precision */
};

static void hessian_load(struct hessian *hessian, const struct batch *batch)
{
    uint32_t rows[BATCH];
    for (size_t i = 0; i < batch->count; i++) rows[i] = (uint32_t)(batch->first + i);
    network_bind(batch->network, SLOT_PARAMETERS, (void *)hessian->site->w);
    network_bind(batch->network, SLOT_TANGENT, hessian->v);
    network_bind(batch->network, SLOT_PRODUCT, hessian->product);
    network_load(batch->network, DATA_TRAIN, rows);
}

/* Bytes of the networks for a full batch and for the last, smaller one (0 where there is none). */
static basin_status sizes(const struct network_request *request, size_t examples, size_t *full,
                          size_t *last)
{
    size_t batch = measure_batch(request->model, request->data);
    struct network_pool_need need = {.request = request};
    if (examples >= batch) TRY(network_need_batch(&need, (int64_t)batch));
    *full = need.bytes;
    TRY(network_need_batch(&need, (int64_t)(examples % batch)));
    *last = need.bytes - *full;
    return BASIN_OK;
}

basin_status hessian_memory(const struct measure_site *site, size_t examples,
                            struct measure_memory *memory)
{
    struct network_request request =
        train_network(site->spec, site->model, site->data, NETWORK_PRODUCT, measure_mode(site));
    size_t full, last, count = examples / measure_batch(site->model, site->data);
    TRY(sizes(&request, examples, &full, &last));
    memory->bytes =
        full + last + 2 * (size_t)model_size(site->model) * precision_size(request.precision);
    memory->keep = count > 1 ? (count - 1) * full : 0;
    return BASIN_OK;
}

/* The first batches get networks of their own as far as `site->keep` goes; the rest shares one. */
static basin_status hessian_place(struct hessian *hessian, const struct network_request *request,
                                  size_t own, size_t index)
{
    struct batch *batch = &hessian->batches[index];
    batch->first = index * hessian->batch;
    batch->count = hessian->examples - batch->first < hessian->batch
                       ? hessian->examples - batch->first
                       : hessian->batch;
    if (index >= own && batch->count == hessian->batch)
        return network_pool_get(hessian->pool, (int64_t)batch->count, &batch->network);
    TRY(network_create(request, (int64_t)batch->count, &batch->network));
    batch->own = true;
    hessian_load(hessian, batch);
    return BASIN_OK;
}

static basin_status place_all(struct hessian *hessian, const struct network_request *request)
{
    size_t full, last, count = hessian->examples / hessian->batch;
    TRY(sizes(request, hessian->examples, &full, &last));
    size_t own = full ? hessian->site->keep / full : 0;
    if (own + 1 >= count)
        own = count; /* the last of them needs no more than the shared one would */
    hessian->batch_count = (hessian->examples + hessian->batch - 1) / hessian->batch;
    hessian->batches = memory_allocate(hessian->batch_count * sizeof *hessian->batches);
    hessian->v = memory_allocate(hessian->size * precision_size(hessian->precision));
    hessian->product = memory_allocate(hessian->size * precision_size(hessian->precision));
    if (!hessian->batches || !hessian->v || !hessian->product) return BASIN_MEMORY;
    for (size_t i = 0; i < hessian->batch_count; i++) TRY(hessian_place(hessian, request, own, i));
    return BASIN_OK;
}

basin_status hessian_create(const struct measure_site *site, size_t examples, struct hessian **out)
{
    struct hessian *hessian = memory_allocate(sizeof *hessian);
    if (!hessian) return BASIN_MEMORY;
    struct network_request request =
        train_network(site->spec, site->model, site->data, NETWORK_PRODUCT, measure_mode(site));
    hessian->site = site;
    hessian->batch = measure_batch(site->model, site->data);
    hessian->examples = examples;
    hessian->size = (size_t)model_size(site->model);
    hessian->precision = request.precision;
    basin_status status = network_pool_create(&request, &hessian->pool);
    if (status == BASIN_OK && request.mode == MODE_BATCH)
        status = measure_note(site, "batch", (double)hessian->batch);
    if (status == BASIN_OK) status = place_all(hessian, &request);
    if (status != BASIN_OK) {
        hessian_destroy(hessian);
        return status;
    }
    *out = hessian;
    return BASIN_OK;
}

void hessian_destroy(struct hessian *hessian)
{
    if (!hessian) return;
    for (size_t i = 0; hessian->batches && i < hessian->batch_count; i++)
        if (hessian->batches[i].own) network_destroy(hessian->batches[i].network);
    network_pool_destroy(hessian->pool);
    memory_free(hessian->batches);
    memory_free(hessian->v);
    memory_free(hessian->product);
    memory_free(hessian);
}

/* out += share * (product of one batch with v) */
static void hessian_add(const struct hessian *hessian, double share, double *out)
{
    if (hessian->precision == PRECISION_FLOAT32)
        for (size_t i = 0; i < hessian->size; i++)
            out[i] += share * (double)((const float *)hessian->product)[i];
    else
        for (size_t i = 0; i < hessian->size; i++)
            out[i] += share * ((const double *)hessian->product)[i];
}

basin_status hessian_multiply(struct hessian *hessian, const double *vectors, size_t count,
                              double *products)
{
    memset(products, 0, count * hessian->size * sizeof *products);
    for (size_t i = 0; i < hessian->batch_count; i++) {
        struct batch *batch = &hessian->batches[i];
        if (!batch->own) hessian_load(hessian, batch);
        if (!batch->own || !batch->ready) network_run(batch->network, PROGRAM_INVARIANT);
        batch->ready = true;
        double share = (double)batch->count / (double)hessian->examples;
        for (size_t j = 0; j < count; j++) {
            if (measure_stopped(hessian->site))
                return error_raise(BASIN_INTERRUPTED, "interrupted");
            vector_from_double(hessian->precision, vectors + j * hessian->size, hessian->v,
                               hessian->size);
            network_run(batch->network, PROGRAM_VARYING);
            hessian_add(hessian, share, products + j * hessian->size);
        }
    }
    return BASIN_OK;
}

size_t hessian_size(const struct hessian *hessian)
{
    return hessian->size;
}
