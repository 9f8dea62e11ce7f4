/* Where the windows of a convolution lie: the frame of zeros around an image, tables of window
 * positions, and the scratch memory that holds both. Positions and distances count elements. */
#ifndef BASIN_KERNELS_FRAME_H
#define BASIN_KERNELS_FRAME_H

#include <stdbool.h>
#include "kernels/window.h"

/* An image (h, w, c) surrounded by zeros. */
struct frame {
    int64_t h, w, c, top, bottom, left, right;
};

static inline int64_t frame_width(const struct frame *frame)
{
    return frame->left + frame->w + frame->right;
}

static inline int64_t frame_size(const struct frame *frame)
{
    return (frame->top + frame->h + frame->bottom) * frame_width(frame) * frame->c;
}

/* Number of elements of an image without its frame. */
static inline int64_t frame_inner(const struct frame *frame)
{
    return frame->h * frame->w * frame->c;
}

static inline bool frame_is_bare(const struct frame *frame)
{
    return frame->top + frame->bottom + frame->left + frame->right == 0;
}

/* Windows over the framed images of one side. */
struct windows {
    struct frame frame;
    int64_t images; /* how many images are framed at a time */
    int64_t plane;  /* windows of an image; at most, where windows belong to phases */
    int64_t groups, part, o,
        outputs; /* channels of a group on x's side, on y's side, and of all groups there */
    int64_t k;   /* elements under one window */
    int64_t pieces, length; /* pieces of a window that are contiguous, and their length */
    int64_t columns;        /* of c */
};

struct windows windows_of(const int64_t *size, size_t element);
struct windows windows_back(const int64_t *size, size_t element);

/* How many images are taken together, starting with `image`. */
int64_t windows_count(const struct windows *windows, const int64_t *size, int64_t image);

/* Scratch memory, in bytes. */
size_t windows_bytes(const struct windows *windows, size_t element);

struct places {
    int64_t *row;     /* of a window: its first element in the frame */
    int64_t *to;      /* of a window: its row of the result */
    int64_t *piece;   /* of a window's pieces: distance from its first element */
    int64_t *element; /* of a window's elements: distance from its first one; of a phase: which tap
                         a piece is */
    void *frame, *panel;
};

struct places places_in(const struct windows *windows, void *scratch, size_t element);

/* Fills `piece` and `element`; then `row` for that many images, and `to` for those from `image` on.
 */
void windows_pieces(const struct windows *windows, const int64_t *size,
                    const struct places *places);
void windows_rows(const struct windows *windows, const int64_t *size, int64_t count, int64_t *row);
void windows_results(const struct windows *windows, int64_t image, int64_t count, int64_t *to);

struct phase {
    int64_t rows, taps;
};

/* The positions of x that are equal to this one modulo the stride: fills `row`, `to`, `piece` and
 * `element`. */
struct phase phase_of(const struct windows *windows, const int64_t *size,
                      const struct places *places, int64_t image, int64_t count, int64_t down,
                      int64_t right);

/* Number of columns of the next panel; it may be narrower than its vectors. */
static inline int64_t panel_next(int64_t left, int64_t most)
{
    return left < most ? left : most;
}

#endif
