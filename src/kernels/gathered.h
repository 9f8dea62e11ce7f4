/* Matrix products in which a table says where the rows of the left factor lie, for one precision:
 * the patches of a convolution without copying them (Dukhan, "The Indirect Convolution Algorithm",
 * arXiv:1907.02129), and small products of any kind.
 *
 *     forward    c[to[i] + j]             = sum_s sum_p a[row[i] + piece[s] + p] b[s length + p, j]
 *     backward   c[(s length + p) ldc + j] += sum_i a[row[i] + element[s length + p]] b[i ldb + j]
 *
 * A tile is a few rows of c by up to three vectors, which stay in registers during the whole sum.
 * The forward product first packs b into panels of TILE_COLUMNS; it may add a bias and apply relu.
 * Terms are summed in order. */

struct LOCAL(gathered) {
    const REAL *a;
    const int64_t *row, *piece, *to;
    int64_t pieces, length;
    const REAL *bias; /* NULL: none */
    bool relu;
};

enum {
    LOCAL(LANES) = sizeof(VECTOR) / sizeof(REAL),
    LOCAL(TILE_VECTORS) = 3,
    LOCAL(TILE_COLUMNS) = LOCAL(TILE_VECTORS) * LOCAL(LANES)
};

/* Number of columns of the next panel of n: two panels of two vectors rather than three and one. */
static int64_t LOCAL(panel_columns)(int64_t n)
{
    int64_t vectors = (n + LOCAL(LANES) - 1) / LOCAL(LANES);
    return (vectors == 4                    ? 2
            : vectors < LOCAL(TILE_VECTORS) ? vectors
                                            : LOCAL(TILE_VECTORS)) *
           LOCAL(LANES);
}

/* One tile of the forward product; `rows` and `vectors` are constants where this is inlined. */
FORCE_INLINE void LOCAL(tile_forward)(int rows, int vectors, const struct LOCAL(gathered) * product,
                                      int64_t first, const REAL *panel, int64_t column, int last,
                                      REAL *c)
{
    VECTOR sum[TILE_MOST][LOCAL(TILE_VECTORS)], b[LOCAL(TILE_VECTORS)];
    const REAL *start[TILE_MOST], *bias = product->bias ? product->bias + column : NULL;
    for (int r = 0; r < rows; r++) start[r] = product->a + product->row[first + r];
    for (int v = 0; v < vectors; v++) {
        VECTOR from = {0};
        if (bias)
            from = LOCAL(vector_load_part)(bias + v * LOCAL(LANES),
                                           v == vectors - 1 ? last : LOCAL(LANES));
        for (int r = 0; r < rows; r++) sum[r][v] = from;
    }
    for (int64_t s = 0; s < product->pieces; s++)
        for (int64_t p = product->piece[s], end = p + product->length; p < end;
             p++, panel += vectors * LOCAL(LANES)) {
            for (int v = 0; v < vectors; v++) {
                b[v] = LOCAL(vector_load)(panel + v * LOCAL(LANES));
                VECTOR_HOLD(b[v]);
            }
            for (int r = 0; r < rows; r++)
                for (int v = 0; v < vectors; v++)
                    sum[r][v] = LOCAL(vector_fma)(start[r][p], b[v], sum[r][v]);
        }
    for (int r = 0; r < rows; r++) {
        REAL *y = c + product->to[first + r] + column;
        for (int v = 0; v < vectors; v++) {
            VECTOR z = sum[r][v];
            if (product->relu) z = LOCAL(vector_relu)(z);
            CALL(vector_store_part, y + v * LOCAL(LANES), z,
                 v == vectors - 1 ? last : LOCAL(LANES));
        }
    }
}

FORCE_INLINE void LOCAL(panel_forward)(int vectors, const struct LOCAL(gathered) * product,
                                       int64_t m, const REAL *panel, int64_t column, int last,
                                       REAL *c)
{
    const int most = TILE_ROWS(vectors);
    int64_t i = 0;
    for (; i + most <= m; i += most)
        CALL(tile_forward, most, vectors, product, i, panel, column, last, c);
    for (; i + most / 2 <= m; i += most / 2)
        CALL(tile_forward, most / 2, vectors, product, i, panel, column, last, c);
    for (; i < m; i++) CALL(tile_forward, 1, vectors, product, i, panel, column, last, c);
}

/* Computes the columns of c from `column` on, whose panel of b is packed. */
static void LOCAL(gathered_panel)(const struct LOCAL(gathered) * product, int64_t m, int64_t column,
                                  int64_t columns, const REAL *panel, REAL *c)
{
    int vectors = (int)((columns + LOCAL(LANES) - 1) / LOCAL(LANES)),
        last = (int)(columns - (vectors - 1) * LOCAL(LANES));
    if (vectors == 1)
        CALL(panel_forward, 1, product, m, panel, column, last, c);
    else if (vectors == 2)
        CALL(panel_forward, 2, product, m, panel, column, last, c);
    else
        CALL(panel_forward, 3, product, m, panel, column, last, c);
}

/* One tile of the backward product, over rows first ... end - 1 of a and b. */
FORCE_INLINE void LOCAL(tile_backward)(int rows, int vectors, const REAL *a, const int64_t *row,
                                       const int64_t *element, int64_t first, int64_t end,
                                       const REAL *b, int64_t ldb, int last, REAL *c, int64_t ldc)
{
    VECTOR sum[TILE_MOST][LOCAL(TILE_VECTORS)];
    const REAL *start[TILE_MOST];
    for (int r = 0; r < rows; r++) start[r] = a + element[r];
    for (int r = 0; r < rows; r++)
        for (int v = 0; v < vectors; v++) sum[r][v] = (VECTOR){0};
    b += first * ldb;
    for (int64_t i = first; i < end; i++, b += ldb) {
        VECTOR g[LOCAL(TILE_VECTORS)];
        for (int v = 0; v < vectors; v++)
            g[v] = LOCAL(vector_load_part)(b + v * LOCAL(LANES),
                                           v == vectors - 1 ? last : LOCAL(LANES));
        for (int r = 0; r < rows; r++)
            for (int v = 0; v < vectors; v++)
                sum[r][v] = LOCAL(vector_fma)(start[r][row[i]], g[v], sum[r][v]);
    }
    for (int r = 0; r < rows; r++)
        for (int v = 0; v < vectors; v++) {
            REAL *y = c + r * ldc + v * LOCAL(LANES);
            int count = v == vectors - 1 ? last : LOCAL(LANES);
            CALL(vector_store_part, y, LOCAL(vector_load_part)(y, count) + sum[r][v], count);
        }
}

FORCE_INLINE void LOCAL(panel_backward)(int vectors, const REAL *a, const int64_t *row,
                                        const int64_t *element, int64_t elements, int64_t first,
                                        int64_t end, const REAL *b, int64_t ldb, int last, REAL *c,
                                        int64_t ldc)
{
    const int most = TILE_ROWS(vectors);
    int64_t k = 0;
    for (; k + most <= elements; k += most)
        CALL(tile_backward, most, vectors, a, row, element + k, first, end, b, ldb, last,
             c + k * ldc, ldc);
    for (; k + most / 2 <= elements; k += most / 2)
        CALL(tile_backward, most / 2, vectors, a, row, element + k, first, end, b, ldb, last,
             c + k * ldc, ldc);
    for (; k < elements; k++)
        CALL(tile_backward, 1, vectors, a, row, element + k, first, end, b, ldb, last, c + k * ldc,
             ldc);
}

/* c (elements, n) += the product over m rows, in blocks whose part of a and b stays in the cache.
 */
static void LOCAL(gathered_backward)(const REAL *a, const int64_t *row, int64_t m,
                                     const int64_t *element, int64_t elements, const REAL *b,
                                     int64_t ldb, int64_t n, REAL *c, int64_t ldc)
{
    enum { BLOCK = 256 };
    for (int64_t first = 0; first < m; first += BLOCK) {
        int64_t end = first + BLOCK < m ? first + BLOCK : m;
        for (int64_t j = 0, width; j < n; j += width) {
            width = LOCAL(panel_columns)(n - j);
            if (width > n - j) width = n - j;
            int vectors = (int)((width + LOCAL(LANES) - 1) / LOCAL(LANES)),
                last = (int)(width - (vectors - 1) * LOCAL(LANES));
            if (vectors == 1)
                CALL(panel_backward, 1, a, row, element, elements, first, end, b + j, ldb, last,
                     c + j, ldc);
            else if (vectors == 2)
                CALL(panel_backward, 2, a, row, element, elements, first, end, b + j, ldb, last,
                     c + j, ldc);
            else
                CALL(panel_backward, 3, a, row, element, elements, first, end, b + j, ldb, last,
                     c + j, ldc);
        }
    }
}
