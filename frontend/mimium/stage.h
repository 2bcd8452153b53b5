/* stage.h -- the macro stage: the code that it makes, and how it talks to the machine that runs it.
 *
 * A program with splices is compiled in two rounds.  In the first, everything that runs at the macro stage becomes a module
 * whose global code evaluates, in textual order, the statements of that stage and every splice of the program.  The module is run
 * by a machine that the caller of the compiler provides (jr_mm_stage_host), since a front end knows of none.  What it computes
 * with code goes through imports of the module named "stage.", which the machine hands to jr_mm_stage_call.  In the second
 * round the splices are replaced by their code (expand.h) and the program is compiled as one without macros.
 *
 * In the machine, a value of type code is one raw word: the number of a piece of code that is kept here.  A piece is
 *
 *   a quote    which one, with the mark of its evaluation, the marks of the evaluations of the quotes around it, and the codes
 *              of the splices directly in it.  Marks tell variables of one name and different evaluations apart.
 *   a literal  the syntax tree that lift, Control, Probe or Sampler_mono made of a value
 *   an array   of codes (lift_array_code)
 *
 * Pieces never change, so code that is used twice is shared, and making a piece costs the same however large its tree is. */
#ifndef JR_FRONTEND_MIMIUM_STAGE_H
#define JR_FRONTEND_MIMIUM_STAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frontend/source.h"
#include "ir/base/status.h"

struct jr_diags;
struct jr_mm_stage;
struct jr_module;

/* How the stage reads values of the machine: words of type string, array and box.  Results are borrowed for the call. */
struct jr_mm_stage_reader {
    const char *(*string)(uint64_t word, size_t *length);
    uint64_t (*array)(uint64_t word, const uint64_t **words); /* how many elements; their words in a row */
    const uint64_t *(*box)(uint64_t word);                    /* NULL: it is empty */
};

/* An import of the stage's module, looked up once. */
struct jr_mm_stage_import {
    uint8_t what;
    uint32_t index;
};
/* False if `name` is none of the stage's. */
bool jr_mm_stage_find(const struct jr_mm_stage *stage, const char *name, struct jr_mm_stage_import *out);

enum { JR_MM_STAGE_MESSAGE_BYTES = 200 };

/* Answers an import.  args: its arguments, borrowed; result: room for a word, written if the import has a result.
 * Anything but JR_OK is an error of the running macro: `message` says what is wrong. */
enum jr_status jr_mm_stage_call(struct jr_mm_stage *stage, struct jr_mm_stage_import import,
                                const struct jr_mm_stage_reader *reader, const uint64_t *args,
                                uint64_t *result, char message[JR_MM_STAGE_MESSAGE_BYTES]);

/* The splice in which `place`, a place in the module's global code, lies; false if it lies in none. */
bool jr_mm_stage_splice_at(const struct jr_mm_stage *stage, struct jr_span place, struct jr_span *splice);

/* The machine. */
struct jr_mm_stage_host {
    void *user;
    /* Verifies the module, which it takes, and runs its global code with a machine of its own, whose imports it links to
     * jr_mm_stage_call and to the string functions ("text.").  What goes wrong in the module ends up in `diags` and gives
     * JR_ERR_DIAGNOSED; other statuses are the environment's. */
    enum jr_status (*run)(void *user, struct jr_module *module, struct jr_mm_stage *stage,
                          struct jr_diags *diags);
    /* The number of the control `name`, made if there is none: what the host's function "control.get" takes when the
     * program runs.  JR_OK or JR_ERR_NO_MEMORY.  NULL: there are no controls, each is its initial value. */
    enum jr_status (*control)(void *user, const char *name, double initial, uint32_t *index);
    /* The number of the probe `name`, made if there is none: what the host's function "probe.put" (value, number) takes, which gives the value back.
     * JR_OK or JR_ERR_NO_MEMORY.  NULL: nobody looks at probes, and they cost nothing. */
    enum jr_status (*probe)(void *user, const char *name, uint32_t *index);
    /* The number of the sound file at `path`, which is read if it is new: what the host's function "sample.get" takes; and its
     * length in samples.  On anything but JR_OK `message` says why it cannot be had.  NULL: there are no sound files. */
    enum jr_status (*sample)(void *user, const char *path, uint32_t *index, uint64_t *length,
                             char message[JR_MM_STAGE_MESSAGE_BYTES]);
};

#endif
