/* spots.h -- the spots of a program: where something lives from one frame to the next, as a tree with names.
 *
 * The tree is what two versions of a program are compared by (pair.h) when one takes the other's place.  It is made once, after the
 * global code has run and before anything else does, and never changes, so any thread may read it while the program runs:
 *
 *   program
 *   +- call dsp                 the state layout of dsp: calls, self, mem, delay
 *   |  +- call osc
 *   |     +- self osc
 *   +- global voice             a global that code outside the global code assigns, or that leads to closures
 *   |  +- closure lambda        a closure that it leads to, with
 *   |     +- call osc ...       its own state
 *   |     +- cell               and what it has captured
 *   +- global bank
 *      +- array
 *         +- element [0] ...
 *
 * Listed are the closures and cells that the global code has made and that globals or waiting tasks lead to; each once, where it is found
 * first.  A tree holds a count of each, so their addresses are good until it ends. */
#ifndef JR_RUNTIME_MIGRATE_SPOTS_H
#define JR_RUNTIME_MIGRATE_SPOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ir/base/arena.h"
#include "ir/base/status.h"
#include "ir/base/vec.h"
#include "ir/module.h"
#include "runtime/object.h"

struct jr_alloc;
struct jr_vm;

/* A program of more spots is not looked at beyond these. */
enum { JR_SPOTS_MAX = 1 << 22 };

enum jr_spot_kind {
    JR_SPOT_PROGRAM,
    JR_SPOT_CALL, /* also dsp itself */
    JR_SPOT_SELF,
    JR_SPOT_MEM,
    JR_SPOT_DELAY,
    JR_SPOT_GLOBAL,
    JR_SPOT_CELL,
    JR_SPOT_CLOSURE,
    JR_SPOT_ARRAY,
    JR_SPOT_ELEMENT,
    JR_SPOT_BOX,
    JR_SPOT_TASK, /* a closure that waits for its frame */
};

struct jr_spot {
    enum jr_spot_kind kind;
    const char *name; /* "" if none; of a call the function's, without what changes when lines move */
    uint64_t text;    /* hash of the source text of the call, or of the lambda; 0: unknown */
    uint32_t parent;
    uint32_t first_child, child_count; /* side by side */
    /* What it holds itself: `words` words at `offset` of `region`; 0: nothing, or nothing that can be carried over. */
    uint32_t region, offset, words;
    uint32_t length;   /* DELAY: samples */
    bool counted;      /* it holds references, which cannot be carried over; words is 0 then */
    uint32_t initial;  /* GLOBAL, CELL with words: index into `initials` of what the global code left there */
    uint64_t shape;    /* equal: same kinds and sizes all the way down */
    uint64_t loose;    /* the same whatever the lengths of delays */
    uint64_t identity; /* the same as shape with names, calls and closures counting as one kind */
    uint32_t holding;  /* spots here and below that hold something */
};

/* Words side by side that move together with their owner. */
enum jr_spot_region_kind {
    JR_REGION_NONE,
    JR_REGION_GLOBALS,
    JR_REGION_DSP,
    JR_REGION_CLOSURE,
    JR_REGION_CELL
};
struct jr_spot_region {
    enum jr_spot_region_kind kind;
    struct jr_object *object; /* CLOSURE, CELL; counted */
};

struct jr_spots {
    const struct jr_alloc *alloc;
    struct jr_vm *vm;                      /* NULL for trees made by hand; must outlive the tree */
    JR_VEC(struct jr_spot) items;          /* items[0] is the program; parents before children */
    JR_VEC(struct jr_spot_region) regions; /* regions[0] is none */
    JR_VEC(uint64_t) initials;
    JR_VEC(uint64_t) known; /* hashes of all names of the program, sorted */
    struct jr_arena arena;
};

/* The source text of a place, for recognising calls that did not change; NULL if unknown.  Borrowed for the moment. */
typedef const char *jr_place_text(void *user, struct jr_place place, size_t *length);

/* Looks at a VM whose global code has run, before its first frame.  `text` may be NULL.  JR_OK or JR_ERR_NO_MEMORY; *out is then NULL.
 * Owner: the caller, who ends it with jr_spots_destroy, on the thread that runs the VM or when none does, before jr_vm_finish. */
enum jr_status jr_spots_create(struct jr_vm *vm, jr_place_text *text, void *user, struct jr_spots **out);
void jr_spots_destroy(struct jr_spots *spots); /* NULL is allowed */

/* By hand, for tests of pairing: a tree that has its program only, further children of the spot that got children last or of a later one,
 * and what has to be computed at the end. */
enum jr_status jr_spots_begin(const struct jr_alloc *alloc, struct jr_spots **out);
enum jr_status jr_spots_add(struct jr_spots *spots, uint32_t parent, const struct jr_spot *spot);
enum jr_status jr_spots_end(struct jr_spots *spots);

/* Whether anything in the program has this name. */
bool jr_spots_know(const struct jr_spots *spots, const char *name);

/* "self", "mem", "delay", "closure" ... */
const char *jr_spot_kind_name(enum jr_spot_kind kind);

/* Appends "dsp.voice.osc#2.self": names from below the program down, kinds where there is no name, a number for the second and later
 * of a name among siblings. */
struct jr_sb;
void jr_spots_path(const struct jr_spots *spots, uint32_t spot, struct jr_sb *out);

#endif
