/* Layout: the parts of an HDF5 image, taken from memory without libhdf5.
 *
 * Purpose.  A right digest says that a file is as its writer left it, and not who that was. libhdf5
 * crashes on some files with a few wrong bytes, and follows what it finds: links in a circle, links
 * into other files, pipes. So results are read by this code, which knows of HDF5 only what this
 * program writes (save.c; "HDF5 File Format Specification, version 3.0"), and refuses the rest:
 *
 *     superblock 0 --> object header 2 --messages--> a group:   link info --> links, in the header
 *                          |                                       or in a heap with an index
 *                          +--continuation blocks               a dataset: datatype, dataspace,
 *                                                                  layout --> one piece of the file
 *                          attributes, in the header or in a heap with an index; texts of variable
 *                          length, and references to scales, in collections (global heap)
 *
 * Promise.  Every piece lies inside the image, and all pieces together are no more than an
 * allowance that grows with its length: circles and pieces that are handed out again and again end
 * in an error. What becomes memory, headers and values, lies nowhere twice, and is no more than the
 * file. Time and memory are bounded by the length of the file.
 * Errors.  BASIN_DATA with the file, the item and what no result file has.
 * Ownership.  Lists live in the arena `scratch`; pieces are borrowed from the image.
 */
#ifndef BASIN_STORE_LAYOUT_H
#define BASIN_STORE_LAYOUT_H

#include "base/arena.h"
#include "store/cursor.h"

#define LAYOUT_NOWHERE UINT64_MAX /* the address of what is not in the file */

struct layout {
    const uint8_t *bytes; /* the image */
    size_t length;
    uint64_t allowance;      /* bytes that may still be looked at */
    uint64_t once;           /* of these: in parts that a file has once, headers and values */
    uint64_t made;           /* bytes of names and texts that may still be made of them */
    const char *path, *item; /* for messages: the file, and what is being read of it */
    struct arena *scratch;
    uint8_t *claimed; /* a bit for each cell of the image: does a part of a header begin in it? */
    struct { /* where the last object of a collection was found, since the next one follows it */
        uint64_t address;
        struct cursor behind;
    } collection;
};

void layout_start(struct layout *layout, const uint8_t *bytes, size_t length, const char *path,
                  struct arena *scratch);

/* "`path`: `item` has `what`, which no result file has". */
basin_status layout_refuse(const struct layout *layout, const char *what);

/* Takes `bytes` of the allowance, of `once`, of `made`. */
basin_status layout_spend(struct layout *layout, uint64_t bytes);
basin_status layout_spend_once(struct layout *layout, uint64_t bytes);
basin_status layout_spend_made(struct layout *layout, uint64_t bytes);

/* The bytes [address, address + length) of the image. */
basin_status layout_piece(struct layout *layout, uint64_t address, uint64_t length,
                          struct cursor *piece);

/* The address of the root group's header. */
basin_status layout_root(struct layout *layout, uint64_t *address);

/* The messages of an object's header, in the order of the header; gaps are left out.
 * A header is read once: an object that is met again is refused. */
enum message_type {
    MESSAGE_GAP = 0x00,
    MESSAGE_SPACE = 0x01,
    MESSAGE_LINKS = 0x02, /* where the links of a group are */
    MESSAGE_TYPE = 0x03,
    MESSAGE_LINK = 0x06,
    MESSAGE_EXTERNAL = 0x07, /* values in other files */
    MESSAGE_STORAGE = 0x08,
    MESSAGE_FILTERS = 0x0B,
    MESSAGE_ATTRIBUTE = 0x0C,
    MESSAGE_CONTINUED = 0x10,
    MESSAGE_SYMBOLS = 0x11,    /* a group as HDF5 1.6 wrote it */
    MESSAGE_ATTRIBUTES = 0x15, /* where further attributes are */
};

struct message {
    int type;
    unsigned flags;
    uint64_t order; /* of creation, where it is an attribute */
    struct cursor body;
};

struct messages {
    struct message *items;
    size_t count, capacity;
};

basin_status layout_header(struct layout *layout, uint64_t address, struct messages *messages);
basin_status layout_append(struct layout *layout, struct messages *messages,
                           const struct message *message);

/* The first `length` bytes of object `index` of the collection at `address`: a text, or references
 * to scales. */
basin_status layout_collected(struct layout *layout, uint64_t address, uint64_t index,
                              uint64_t length, struct cursor *piece);

#endif
