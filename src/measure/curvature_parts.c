#include "measure/curvature_parts.h"

#include <math.h>

basin_status curvature_parts_open(const struct measure_site *site, struct curvature_parts *parts)
{
    size_t count = (size_t)model_parameter_count(site->model), sums = count + 1;
    *parts = (struct curvature_parts){.site = site, .count = count};
    parts->offsets = memory_allocate(sums * sizeof *parts->offsets);
    parts->names = memory_allocate(sums * sizeof *parts->names);
    parts->values = memory_allocate(3 * sums * sizeof *parts->values);
    if (!parts->offsets || !parts->names || !parts->values) return BASIN_MEMORY;
    parts->errors = parts->values + sums;
    parts->index = parts->errors + sums;
    for (size_t i = 0; i < count; i++) {
        const struct model_parameter *parameter = model_parameter(site->model, (int)i);
        parts->offsets[i] = (size_t)parameter->offset;
        parts->offsets[i + 1] = (size_t)(parameter->offset + parameter->size);
        parts->names[i] = parameter->name;
        parts->index[i] = (double)i;
    }
    return BASIN_OK;
}

void curvature_parts_close(struct curvature_parts *parts)
{
    memory_free(parts->offsets);
    memory_free(parts->names);
    memory_free(parts->values);
}

basin_status curvature_parts_probe(struct curvature_parts *parts, struct curvature *curvature,
                                   enum probes_method method, bool squares, size_t probes)
{
    const struct probes_request request = {.multiply = curvature_multiply,
                                           .context = curvature,
                                           .size = (size_t)model_size(parts->site->model),
                                           .parts = parts->count,
                                           .offsets = parts->offsets,
                                           .method = method,
                                           .squares = squares,
                                           .count = probes,
                                           .seed = parts->site->seed};
    return probes_run(&request, parts->values, parts->errors);
}

basin_status curvature_parts_record(const struct curvature_parts *parts,
                                    const struct quantity *index, const struct quantity *values,
                                    const struct quantity *errors)
{
    const struct measure_site *site = parts->site;
    TRY(measure_array(site, index, "index", parts->count, parts->index));
    TRY(measure_array(site, values, "index", parts->count, parts->values));
    TRY(measure_array(site, errors, "index", parts->count, parts->errors));
    return measure_names(site, "names", "index", parts->count, parts->names);
}

/* Of Hutch++ each third of the products goes in groups of its own. */
static double parts_calls(enum probes_method method, double products, double sketch)
{
    if (method != PROBES_HUTCHPP) return ceil(products / PROBES_TOGETHER);
    return 2 * ceil(sketch / PROBES_TOGETHER) + ceil((products - 2 * sketch) / PROBES_TOGETHER);
}

void curvature_parts_need(const struct measure_site *site, enum probes_method method, size_t probes,
                          struct measure_need *need)
{
    double products = method == PROBES_EXACT ? (double)model_size(site->model) : (double)probes;
    double calls = parts_calls(method, products, (double)probes_sketch(probes));
    need->uses[need->count++] = (struct objective_use){.call = curvature_call(site),
                                                       .examples = measure_examples(site),
                                                       .times = products,
                                                       .calls = calls};
    need->vectors = probes_vectors(method, probes);
}

basin_status curvature_parts_check_exact(const char *measure, int64_t parameters)
{
    enum { MOST_EXACT = 100000 };
    if (parameters <= MOST_EXACT) return BASIN_OK;
    error_raise(BASIN_SPEC, "%s.method is exact, but the network has %lld parameters", measure,
                (long long)parameters);
    error_hint("the exact method takes a product a parameter; use method: hutchinson above %d "
               "parameters",
               MOST_EXACT);
    error_key("method");
    return BASIN_SPEC;
}
