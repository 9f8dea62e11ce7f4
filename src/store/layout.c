#include "store/layout.h"

#include <stdlib.h>
#include "base/list.h"

/* The structures of a file that this program wrote are looked at about once: some, such as the
 * blocks of a heap, once for each thing in them. */
enum { ALLOWANCE_TIMES = 64, ALLOWANCE_LEAST = 1 << 20, MADE_LEAST = 1 << 20 };

enum { SUPERBLOCK = 96, CHECKSUM = 4, SHARED = 2 };

void layout_start(struct layout *layout, const uint8_t *bytes, size_t length, const char *path,
                  struct arena *scratch)
{
    *layout = (struct layout){.bytes = bytes,
                              .length = length,
                              .allowance = ALLOWANCE_TIMES * (uint64_t)length + ALLOWANCE_LEAST,
                              .once = length,
                              .made = (uint64_t)length + MADE_LEAST,
                              .path = path,
                              .item = "/",
                              .scratch = scratch,
                              .collection.address = LAYOUT_NOWHERE};
}

basin_status layout_refuse(const struct layout *layout, const char *what)
{
    error_raise(BASIN_DATA, "%s: %.200s has %s, which no result file has", layout->path,
                layout->item, what);
    error_hint("its digest is right, so a program wrote it like this: it is no result of this "
               "program, or was changed afterwards; remove it, and run its study again");
    return BASIN_DATA;
}

static basin_status spend_of(const struct layout *layout, uint64_t *left, uint64_t bytes,
                             const char *what)
{
    if (bytes > *left) return layout_refuse(layout, what);
    *left -= bytes;
    return BASIN_OK;
}

basin_status layout_spend(struct layout *layout, uint64_t bytes)
{
    return spend_of(layout, &layout->allowance, bytes, "parts that are used again and again");
}

basin_status layout_spend_once(struct layout *layout, uint64_t bytes)
{
    return spend_of(layout, &layout->once, bytes, "parts that lie on one another");
}

basin_status layout_spend_made(struct layout *layout, uint64_t bytes)
{
    return spend_of(layout, &layout->made, bytes, "names and texts that are longer than the file");
}

basin_status layout_piece(struct layout *layout, uint64_t address, uint64_t length,
                          struct cursor *piece)
{
    if (address > layout->length || length > layout->length - address)
        return layout_refuse(layout, "a part outside the file");
    TRY(layout_spend(layout, length + 1));
    *piece = (struct cursor){.at = layout->bytes + address, .left = (size_t)length};
    return BASIN_OK;
}

/* Version 0, with addresses and lengths of 8 bytes: what libhdf5 writes within the bounds that
 * save.c sets. */
basin_status layout_root(struct layout *layout, uint64_t *address)
{
    static const uint8_t begin[] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n',
                                    0,    0,   0,   0,   0,    8,    8};
    struct cursor at;
    TRY(layout_piece(layout, 0, layout->length < SUPERBLOCK ? layout->length : SUPERBLOCK, &at));
    const uint8_t *found = cursor_take(&at, sizeof begin);
    if (!found || memcmp(found, begin, sizeof begin) != 0)
        return layout_refuse(layout, "another kind of superblock");
    cursor_take(&at, 1 + 2 + 2 + 4 + 8 + 8); /* sizes of trees, flags, base address, free space */
    uint64_t end = cursor_number(&at, 8);
    cursor_take(&at, 8 + 8); /* driver, name of the root */
    *address = cursor_number(&at, 8);
    if (at.failed || end > layout->length) return layout_refuse(layout, "another length");
    return BASIN_OK;
}

/* ---- headers ---- */

basin_status layout_append(struct layout *layout, struct messages *messages,
                           const struct message *message)
{
    if (!list_room(layout->scratch, messages->items, messages->count, 1, messages->capacity))
        return BASIN_MEMORY;
    messages->items[messages->count++] = *message;
    return BASIN_OK;
}

/* Blocks are read one after another: a block only says where further ones are. */
enum { BLOCKS_MOST = 256, MESSAGES_MOST = 1 << 10, CELL = 8 };

struct header {
    struct layout *layout;
    struct messages *messages;
    bool ordered; /* each message says when it was made */
    struct cursor blocks[BLOCKS_MOST];
    size_t count;
};

/* A header, and a block that continues one, is at least as long as a cell: no two of a file begin
 * in the same one, and what begins where another one has begun is met a second time. */
static basin_status claim_cell(struct layout *layout, uint64_t address, const char *what)
{
    if (address >= layout->length) return layout_refuse(layout, "a part outside the file");
    if (!layout->claimed)
        layout->claimed = arena_array(layout->scratch, uint8_t, layout->length / (8 * CELL) + 1);
    if (!layout->claimed) return BASIN_MEMORY;
    uint8_t *cells = &layout->claimed[address / CELL / 8];
    uint8_t bit = (uint8_t)(1 << address / CELL % 8);
    if (*cells & bit) return layout_refuse(layout, what);
    *cells |= bit;
    return BASIN_OK;
}

static basin_status add_continued(struct header *header, struct cursor body)
{
    struct layout *layout = header->layout;
    struct cursor block;
    uint64_t address = cursor_number(&body, 8), length = cursor_number(&body, 8);
    if (body.failed || length < 4 + CHECKSUM)
        return layout_refuse(layout, "a header that ends too soon");
    if (header->count == BLOCKS_MOST) return layout_refuse(layout, "a header in too many pieces");
    TRY(claim_cell(layout, address, "a header that goes in circles"));
    TRY(layout_piece(layout, address, length - CHECKSUM, &block));
    TRY(layout_spend_once(layout, length));
    if (!cursor_is(&block, "OCHK")) return layout_refuse(layout, "a header in pieces");
    header->blocks[header->count++] = block;
    return BASIN_OK;
}

static basin_status add_message(struct header *header, const struct message *message)
{
    if (message->flags & SHARED) return layout_refuse(header->layout, "a shared part");
    if (message->type == MESSAGE_GAP) return BASIN_OK;
    if (message->type == MESSAGE_CONTINUED) return add_continued(header, message->body);
    if (header->messages->count == MESSAGES_MOST)
        return layout_refuse(header->layout, "a header of too many parts");
    return layout_append(header->layout, header->messages, message);
}

/* The rest of a block may be too short for a message. */
static basin_status read_block(struct header *header, struct cursor block)
{
    size_t least = header->ordered ? 6 : 4;
    while (block.left >= least) {
        struct message message = {.type = (int)cursor_number(&block, 1)};
        uint64_t length = cursor_number(&block, 2);
        message.flags = (unsigned)cursor_number(&block, 1);
        if (header->ordered) message.order = cursor_number(&block, 2);
        const uint8_t *body = cursor_take(&block, length);
        if (!body) return layout_refuse(header->layout, "a header that ends too soon");
        message.body = (struct cursor){.at = body, .left = (size_t)length};
        TRY(add_message(header, &message));
    }
    return BASIN_OK;
}

basin_status layout_header(struct layout *layout, uint64_t address, struct messages *messages)
{
    enum { SIZE_OF_SIZE = 3, ORDERED = 4, PHASES = 16, TIMES = 32, FIRST = 34 };
    struct header header = {.layout = layout, .messages = messages, .count = 1};
    struct cursor at;
    *messages = (struct messages){0};
    TRY(claim_cell(layout, address, "an object of two names"));
    uint64_t there = layout->length - address;
    TRY(layout_piece(layout, address, there < FIRST ? there : FIRST, &at));
    if (!cursor_is(&at, "OHDR") || cursor_number(&at, 1) != 2)
        return layout_refuse(layout, "another kind of header");
    unsigned flags = (unsigned)cursor_number(&at, 1);
    header.ordered = flags & ORDERED;
    if (flags & TIMES) cursor_take(&at, 16);
    if (flags & PHASES) cursor_take(&at, 4);
    uint64_t length = cursor_number(&at, 1 << (flags & SIZE_OF_SIZE));
    if (at.failed) return layout_refuse(layout, "a header that ends too soon");
    TRY(layout_piece(layout, (uint64_t)(at.at - layout->bytes), length, &header.blocks[0]));
    TRY(layout_spend_once(layout, length));
    for (size_t i = 0; i < header.count; i++) TRY(read_block(&header, header.blocks[i]));
    return BASIN_OK;
}

/* ---- collections of texts ---- */

static basin_status collection_open(struct layout *layout, uint64_t address, struct cursor *objects)
{
    enum { HEADER = 16 };
    struct cursor at;
    TRY(layout_piece(layout, address, HEADER, &at));
    bool good = cursor_is(&at, "GCOL") && cursor_number(&at, 1) == 1;
    cursor_take(&at, 3);
    uint64_t length = cursor_number(&at, 8);
    if (!good || at.failed || length < HEADER)
        return layout_refuse(layout, "texts in no collection");
    return layout_piece(layout, address + HEADER, length - HEADER, objects);
}

/* False where it is not among `objects`; they end where one has the index 0. */
static bool collection_find(struct layout *layout, struct cursor *objects, uint64_t index,
                            struct cursor *piece)
{
    while (objects->left && layout->allowance > 0) {
        uint64_t found = cursor_number(objects, 2);
        cursor_take(objects, 6); /* references, reserved */
        uint64_t size = cursor_number(objects, 8), padding = -size & 7;
        const uint8_t *body = found ? cursor_take(objects, size) : NULL;
        if (!body) return false;
        cursor_take(objects, padding < objects->left ? padding : objects->left);
        layout->allowance--;
        *piece = (struct cursor){.at = body, .left = (size_t)size};
        if (found == index) return true;
    }
    return false;
}

/* Mostly it is behind the one that was found last. */
basin_status layout_collected(struct layout *layout, uint64_t address, uint64_t index,
                              uint64_t length, struct cursor *piece)
{
    bool found = layout->collection.address == address &&
                 collection_find(layout, &layout->collection.behind, index, piece);
    if (!found) {
        layout->collection.address = LAYOUT_NOWHERE;
        TRY(collection_open(layout, address, &layout->collection.behind));
        layout->collection.address = address;
        found = collection_find(layout, &layout->collection.behind, index, piece);
    }
    if (!found || piece->left < length)
        return layout_refuse(layout, "a text that is not in its collection");
    piece->left = (size_t)length;
    TRY(layout_spend(layout, length));
    return layout_spend_once(layout, length);
}
