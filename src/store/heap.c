#include "store/heap.h"

enum { HEAP_CHECKSUM = 4, DEPTH_MOST = 8 };

/* ---- version 2 B-trees ---- */

struct tree {
    struct layout *layout;
    enum heap_index index;
    size_t node, record;         /* bytes */
    unsigned depth;              /* of the root; 0: it is a leaf */
    int count_size;              /* bytes of the number of records of a node */
    int total_size[DEPTH_MOST];  /* the same of all below a node, by its depth */
    uint64_t root, count, total; /* of the root: address, records; of the whole tree: records */
    basin_status (*take)(void *context, struct cursor record);
    void *context;
};

/* Bytes that a number of at most `most` is written in. */
static int bytes_for(uint64_t most)
{
    int bytes = 1;
    while (most >>= 8) bytes++;
    return bytes;
}

/* How many records fit into a node decides how numbers of records are written. */
static void index_sizes(struct tree *tree)
{
    enum { PREFIX = 10 }; /* signature, version, type, checksum */
    uint64_t in_leaf = (tree->node - PREFIX) / tree->record, total = in_leaf;
    tree->count_size = bytes_for(in_leaf);
    tree->total_size[0] = 0;
    for (unsigned depth = 1; depth <= tree->depth; depth++) {
        size_t pointer = 8 + (size_t)tree->count_size + (size_t)tree->total_size[depth - 1];
        uint64_t in_node = (tree->node - PREFIX - pointer) / (tree->record + pointer);
        total = (in_node + 1) * total + in_node;
        tree->total_size[depth] = bytes_for(total);
    }
}

static basin_status index_open(struct tree *tree, uint64_t address)
{
    static const size_t records[] = {[HEAP_LONG] = 24, [HEAP_LINKS] = 15, [HEAP_ATTRIBUTES] = 13};
    enum { HEADER = 38, LEAST = 64, MOST = 1 << 20 };
    struct cursor at;
    TRY(layout_piece(tree->layout, address, HEADER, &at));
    bool good = cursor_is(&at, "BTHD") && cursor_number(&at, 1) == 0 &&
                cursor_number(&at, 1) == (uint64_t)tree->index;
    tree->node = (size_t)cursor_number(&at, 4);
    tree->record = (size_t)cursor_number(&at, 2);
    tree->depth = (unsigned)cursor_number(&at, 2);
    cursor_take(&at, 2); /* when nodes are split and merged */
    tree->root = cursor_number(&at, 8);
    tree->count = cursor_number(&at, 2);
    tree->total = cursor_number(&at, 8);
    if (!good || at.failed || tree->record != records[tree->index] || tree->depth >= DEPTH_MOST ||
        tree->node < LEAST || tree->node > MOST)
        return layout_refuse(tree->layout, "another kind of index");
    index_sizes(tree);
    return BASIN_OK;
}

/* Records of a leaf follow one another. In an inner node they stand in front of the pointers to its
 * children; each belongs between two of them. */
static basin_status index_walk(struct tree *tree, uint64_t address, uint64_t count, unsigned depth)
{
    struct cursor at, records;
    TRY(layout_piece(tree->layout, address, tree->node - HEAP_CHECKSUM, &at));
    bool good = cursor_is(&at, depth ? "BTIN" : "BTLF") && cursor_number(&at, 1) == 0 &&
                cursor_number(&at, 1) == (uint64_t)tree->index;
    records = at;
    cursor_take(&at, count * tree->record);
    if (!good || at.failed) return layout_refuse(tree->layout, "an index that is broken");
    for (uint64_t i = 0; i <= count; i++) {
        if (depth) {
            uint64_t child = cursor_number(&at, 8), below = cursor_number(&at, tree->count_size);
            cursor_take(&at, (uint64_t)tree->total_size[depth - 1]);
            if (at.failed) return layout_refuse(tree->layout, "an index that is broken");
            TRY(index_walk(tree, child, below, depth - 1));
        }
        if (i == count) break;
        const uint8_t *record = cursor_take(&records, tree->record);
        TRY(tree->take(tree->context, (struct cursor){.at = record, .left = tree->record}));
    }
    return BASIN_OK;
}

static basin_status index_read(struct tree *tree, uint64_t address)
{
    TRY(index_open(tree, address));
    if (tree->total == 0) return BASIN_OK;
    return index_walk(tree, tree->root, tree->count, tree->depth);
}

/* ---- fractal heaps ---- */

struct heap {
    struct layout *layout;
    enum heap_index index;
    struct messages *messages;
    uint64_t address, root, long_tree, start, direct_most;
    unsigned rows; /* of the root, 0: it is a direct block */
    size_t width;
    int offset_size, length_size; /* bytes of an offset and a length in an identifier */
    bool has_checksums;
};

static basin_status heap_refuse(const struct heap *heap)
{
    return layout_refuse(heap->layout, "a heap that is broken");
}

static bool is_power_of_two(uint64_t value)
{
    return value && (value & (value - 1)) == 0;
}

static basin_status heap_open(struct heap *heap, uint64_t address)
{
    enum { HEADER = 146, CHECKSUMS = 2, WIDTH = 4, LEAST = 64, MOST = 1 << 20 };
    enum { LINK_BITS = 32, ATTRIBUTE_BITS = 40 }; /* of offsets */
    struct cursor at;
    heap->address = address;
    TRY(layout_piece(heap->layout, address, HEADER, &at));
    bool good = cursor_is(&at, "FRHP") && cursor_number(&at, 1) == 0;
    cursor_take(&at, 2); /* length of identifiers: that of the records says it too */
    good = cursor_number(&at, 2) == 0 && good; /* filters */
    heap->has_checksums = cursor_number(&at, 1) & CHECKSUMS;
    uint64_t most = cursor_number(&at, 4);
    cursor_take(&at, 8);
    heap->long_tree = cursor_number(&at, 8);
    cursor_take(&at, 8 * 10); /* free space, and what there is of each kind */
    heap->width = (size_t)cursor_number(&at, 2);
    heap->start = cursor_number(&at, 8);
    heap->direct_most = cursor_number(&at, 8);
    unsigned bits = (unsigned)cursor_number(&at, 2);
    cursor_take(&at, 2);
    heap->root = cursor_number(&at, 8);
    heap->rows = (unsigned)cursor_number(&at, 2);
    heap->offset_size = (int)(bits + 7) / 8;
    heap->length_size = bytes_for(heap->direct_most - 1 < most ? heap->direct_most - 1 : most);
    if (good && !at.failed && bits == (heap->index == HEAP_LINKS ? LINK_BITS : ATTRIBUTE_BITS) &&
        heap->width == WIDTH && heap->rows <= bits && is_power_of_two(heap->start) &&
        is_power_of_two(heap->direct_most) && heap->start >= LEAST &&
        heap->start <= heap->direct_most && heap->direct_most <= MOST)
        return BASIN_OK;
    return layout_refuse(heap->layout, "another kind of heap");
}

/* A block of heap space: where it stands in the file, where it begins in the heap, its size. */
struct block {
    uint64_t address, offset, size;
    unsigned rows; /* of an indirect block; 0: it is direct */
};

/* Row 0 and row 1 have blocks of the size `start`, each further row of twice the one before. */
static uint64_t row_size(const struct heap *heap, unsigned row)
{
    return row ? heap->start << (row - 1) : heap->start;
}

static unsigned rows_of_size(const struct heap *heap, uint64_t size)
{
    unsigned rows = 1;
    for (uint64_t whole = heap->start * heap->width; whole < size; whole *= 2) rows++;
    return rows;
}

/* The child of an indirect block in which `offset` lies. */
static basin_status heap_descend(struct heap *heap, uint64_t offset, struct block *block)
{
    uint64_t begin = block->offset, prefix = 4 + 1 + 8 + (uint64_t)heap->offset_size;
    unsigned row = 0;
    struct cursor at;
    while (row < block->rows && offset - begin >= row_size(heap, row) * heap->width)
        begin += row_size(heap, row++) * heap->width;
    if (row == block->rows) return heap_refuse(heap);
    uint64_t size = row_size(heap, row), column = (offset - begin) / size,
             entry = row * heap->width + column;
    TRY(layout_piece(heap->layout, block->address, prefix, &at));
    if (!cursor_is(&at, "FHIB") || cursor_number(&at, 1) != 0 ||
        cursor_number(&at, 8) != heap->address)
        return heap_refuse(heap);
    TRY(layout_piece(heap->layout, block->address + prefix + 8 * entry, 8, &at));
    *block = (struct block){.address = cursor_number(&at, 8),
                            .offset = begin + column * size,
                            .size = size,
                            .rows = size > heap->direct_most ? rows_of_size(heap, size) : 0};
    return BASIN_OK;
}

/* `length` bytes at `offset` of the heap's space, which counts the prefixes of blocks. */
static basin_status heap_managed(struct heap *heap, uint64_t offset, uint64_t length,
                                 struct cursor *piece)
{
    struct block block = {.address = heap->root, .size = heap->start, .rows = heap->rows};
    struct cursor at;
    uint64_t prefix =
        4 + 1 + 8 + (uint64_t)heap->offset_size + (heap->has_checksums ? HEAP_CHECKSUM : 0);
    for (int depth = 0; block.rows && depth < DEPTH_MOST; depth++)
        TRY(heap_descend(heap, offset, &block));
    if (block.rows || offset < block.offset + prefix || length > block.size ||
        offset - block.offset > block.size - length)
        return heap_refuse(heap);
    TRY(layout_piece(heap->layout, block.address, prefix, &at));
    if (!cursor_is(&at, "FHDB") || cursor_number(&at, 1) != 0 ||
        cursor_number(&at, 8) != heap->address)
        return heap_refuse(heap);
    return layout_piece(heap->layout, block.address + (offset - block.offset), length, piece);
}

/* ---- what is too long for a block ---- */

struct long_search {
    struct heap *heap;
    uint64_t number;
    struct cursor *piece;
    bool found;
};

static basin_status long_take(void *context, struct cursor record)
{
    struct long_search *search = context;
    uint64_t address = cursor_number(&record, 8), length = cursor_number(&record, 8);
    if (search->found || cursor_number(&record, 8) != search->number) return BASIN_OK;
    search->found = true;
    return layout_piece(search->heap->layout, address, length, search->piece);
}

static basin_status heap_long(struct heap *heap, uint64_t number, struct cursor *piece)
{
    struct long_search search = {.heap = heap, .number = number, .piece = piece};
    struct tree tree = {
        .layout = heap->layout, .index = HEAP_LONG, .take = long_take, .context = &search};
    TRY(index_read(&tree, heap->long_tree));
    return search.found ? BASIN_OK : heap_refuse(heap);
}

/* ---- both ---- */

static basin_status heap_piece(struct heap *heap, struct cursor identifier, struct cursor *piece)
{
    enum { MANAGED = 0x00, LONG = 0x10 };
    uint64_t kind = cursor_number(&identifier, 1);
    if (kind == LONG)
        return heap_long(heap, cursor_number(&identifier, (int)identifier.left), piece);
    if (kind != MANAGED) return heap_refuse(heap);
    uint64_t offset = cursor_number(&identifier, heap->offset_size);
    uint64_t length = cursor_number(&identifier, heap->length_size);
    return identifier.failed ? heap_refuse(heap) : heap_managed(heap, offset, length, piece);
}

/* A record of the index: order and identifier of a link; identifier, flags and order of an
 * attribute. */
static basin_status heap_take(void *context, struct cursor record)
{
    enum { IDENTIFIER = 8, SHARED = 2 };
    struct heap *heap = context;
    struct message message = {.type = MESSAGE_LINK};
    struct cursor identifier;
    TRY(layout_spend_once(heap->layout, record.left));
    if (heap->index == HEAP_LINKS) {
        message.order = cursor_number(&record, 8);
        identifier = record;
    } else {
        identifier = (struct cursor){.at = cursor_take(&record, IDENTIFIER), .left = IDENTIFIER};
        message.type = MESSAGE_ATTRIBUTE;
        message.flags = (unsigned)cursor_number(&record, 1);
        message.order = cursor_number(&record, 4);
        if (message.flags & SHARED) return layout_refuse(heap->layout, "a shared part");
    }
    TRY(heap_piece(heap, identifier, &message.body));
    TRY(layout_spend_once(heap->layout, message.body.left));
    return layout_append(heap->layout, heap->messages, &message);
}

basin_status heap_read(struct layout *layout, uint64_t address, uint64_t index_address,
                       enum heap_index index, struct messages *messages)
{
    struct heap heap = {.layout = layout, .index = index, .messages = messages};
    struct tree tree = {.layout = layout, .index = index, .take = heap_take, .context = &heap};
    TRY(heap_open(&heap, address));
    return index_read(&tree, index_address);
}
