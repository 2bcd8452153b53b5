/* residual.h -- a specialised dsp: what jit/specialise makes of a program whose global code has run, and what the VM renders instead
 * of dsp while it is installed.
 *
 * The residual function is ordinary verified bytecode.  It cannot call anything, so a frame of it needs at most `fuel_at_most` units; the
 * VM makes sure of them before each frame, and lets the original dsp run where the fuel may end inside the frame.  So limits,
 * errors and traces are those of the original program.
 *
 * State is shared.  Installing moves the state of dsp and of each closure that was inlined into one block and points the closures there, so
 * that the residual function finds every word at a constant offset and the original code goes on finding it through the closure:
 * the two may take turns at any frame.
 *
 *   block:  | dsp's region | region of closure 1 | region of closure 2 | ... */
#ifndef JR_RUNTIME_RESIDUAL_H
#define JR_RUNTIME_RESIDUAL_H

#include <stdbool.h>
#include <stdint.h>

#include "ir/base/status.h"
#include "ir/module.h"
#include "runtime/task.h"

struct jr_vm;

/* State words [offset, offset + words) of the block belong to this closure. */
struct jr_region {
    struct jr_closure *closure;
    uint32_t offset, words;
};

struct jr_residual {
    struct jr_module *module; /* the tables of the original, which it borrows, and its functions, then the residual one; owned, and its
                                 arena holds the residual itself */
    uint32_t function;        /* its index in `module` */
    uint32_t region_count;
    struct jr_region *regions;
    const uint64_t *known;    /* the residual closure's captured words: objects that the program keeps alive */
    uint64_t fuel_at_most;    /* of one frame */
    uint32_t depth;           /* calls nested in the original: the depth limit must allow them */
    uint32_t stack_words;     /* the VM stack that the original would use */
    bool schedules;           /* has SCHEDULE: the next task may be asked for by any frame */
};

void jr_residual_destroy(struct jr_residual *residual); /* one that is not installed; NULL is allowed */

/* Many frames in one call, by compiled code. */
struct jr_block {
    const double *in; /* frame i begins at in + i * in_step */
    double *out;
    uint64_t in_step, out_step; /* doubles; 0: every frame has the same place */
    uint64_t first;             /* number of the first frame */
    uint64_t frame_count;
    uint64_t done; /* out: whole frames rendered */
};

/* Renders frames until all are done, the budget no longer covers a whole frame (JR_RUN_OK with done < frame_count), or one
 * fails (JR_RUN_ERROR; task->exit_pc as for any entry).  Other parameters as of jr_entry. */
typedef int jr_block_entry(struct jr_task *task, uint64_t *frame, uint64_t *state, struct jr_closure *closure,
                           struct jr_block *block);

/* Takes the residual program over (also on failure) and renders with it from the next frame on.  JR_ERR_UNSUPPORTED if the limits of this VM
 * are too close for it: the original goes on.  Not from inside a run. */
enum jr_status jr_vm_install(struct jr_vm *vm, struct jr_residual *residual);
/* The original renders from the next frame on.  Any moment between runs, and while nothing is installed too. */
void jr_vm_uninstall(struct jr_vm *vm);
/* What is installed, or NULL. */
const struct jr_residual *jr_vm_residual(const struct jr_vm *vm);

/* Compiled code for whole blocks, or NULL to interpret again.  Any thread; stored with release. */
void jr_vm_set_block_entry(struct jr_vm *vm, jr_block_entry *entry);
/* There will be no such code, so the original, which can be compiled, is the better choice from now on.  Any thread. */
void jr_vm_refuse_block(struct jr_vm *vm);
/* The hook block_hot is called once, after this many frames. */
void jr_vm_set_block_threshold(struct jr_vm *vm, uint64_t frames);

#endif
