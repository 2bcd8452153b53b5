/* builder.h -- how a front end makes a module.  Nothing here knows a source language.
 *
 * One builder makes one module.  Every call may meet a failure (memory, an operand too large for its field, more than
 * 65 535 registers): it is remembered, later calls do nothing harmful, and jr_builder_finish reports the first one, with
 * function and place.  Indices returned after a failure are 0 and need no check.
 * Functions may be begun while others are open (nested lambdas); instructions go to the one named in the call. */
#ifndef JR_IR_BUILDER_H
#define JR_IR_BUILDER_H

#include "ir/base/status.h"
#include "ir/module.h"

struct jr_builder;

enum jr_status jr_builder_create(const struct jr_alloc *alloc, const char *language, struct jr_builder **out);
void jr_builder_destroy(struct jr_builder *b); /* NULL is allowed */

/* Gives the finished, not yet verified module; the builder is empty after this.  On failure *out is NULL and `message` (if not
 * NULL, `message_size` bytes) says what overflowed and where. */
enum jr_status jr_builder_finish(struct jr_builder *b, struct jr_module **out, char *message, size_t message_size);

/* tables; equal content gives the equal index */
uint32_t jr_builder_file(struct jr_builder *b, const char *path);
uint32_t jr_builder_string(struct jr_builder *b, const char *bytes, size_t size);
uint32_t jr_builder_layout(struct jr_builder *b, const struct jr_word_type *words, uint32_t word_count);
uint32_t jr_builder_layout_raw(struct jr_builder *b, uint32_t word_count);
uint32_t jr_builder_signature(struct jr_builder *b, uint32_t param_layout, uint32_t result_layout);
uint32_t jr_builder_import(struct jr_builder *b, const char *name, uint32_t signature);
/* A recursive type needs its index before its content: declare, use, then define. */
uint32_t jr_builder_layout_declare(struct jr_builder *b); /* never interned */
void jr_builder_layout_define(struct jr_builder *b, uint32_t layout, const struct jr_word_type *words, uint32_t word_count);
uint32_t jr_builder_sum_declare(struct jr_builder *b, const char *name);
void jr_builder_sum_define(struct jr_builder *b, uint32_t sum, const uint32_t *variant_layouts,
                           const char *const *variant_names, uint32_t variant_count);
/* Reserves the layout's words among the globals; returns the global's index (jr_builder_global_offset gives the word). */
uint32_t jr_builder_global(struct jr_builder *b, const char *name, uint32_t layout, struct jr_place place);
uint32_t jr_builder_global_offset(const struct jr_builder *b, uint32_t global);
void jr_builder_global_assigned(struct jr_builder *b, uint32_t global);
const struct jr_layout *jr_builder_get_layout(const struct jr_builder *b, uint32_t layout); /* valid until the next layout is made */
void jr_builder_set_entry(struct jr_builder *b, uint32_t init, uint32_t dsp); /* JR_NONE where there is none */

/* functions */
uint32_t jr_builder_function(struct jr_builder *b, const char *name, uint32_t signature, uint32_t capture_layout,
                             struct jr_place place);
/* State words known so far; final before any other function calls this one directly. */
uint32_t jr_builder_state_words(const struct jr_builder *b, uint32_t function);
/* Appends a site of `word_count` words at the end of the function's region and returns its offset. */
uint32_t jr_builder_site(struct jr_builder *b, uint32_t function, enum jr_site_kind kind, const char *name,
                         uint32_t word_count, uint32_t layout, uint32_t callee, uint32_t length, struct jr_place place);
/* Raises the frame size to at least `reg_count` words. */
void jr_builder_need_registers(struct jr_builder *b, uint32_t function, uint32_t reg_count);
void jr_builder_place(struct jr_builder *b, uint32_t function, struct jr_place place); /* of the instructions that follow */
uint32_t jr_builder_pc(const struct jr_builder *b, uint32_t function);

/* instructions; the format must be the opcode's own.  Registers used raise the frame size by themselves. */
void jr_builder_abc(struct jr_builder *b, uint32_t function, enum jr_op op, uint32_t a, uint32_t b_, uint32_t c);
void jr_builder_ax(struct jr_builder *b, uint32_t function, enum jr_op op, uint32_t a, uint32_t x);
void jr_builder_abcxy(struct jr_builder *b, uint32_t function, enum jr_op op, uint32_t a, uint32_t b_, uint32_t c,
                      uint32_t x, uint32_t y);
/* r[a] = value, by the shortest exact instruction. */
void jr_builder_const_f64(struct jr_builder *b, uint32_t function, uint32_t a, double value);
void jr_builder_const_i64(struct jr_builder *b, uint32_t function, uint32_t a, int64_t value);
uint32_t jr_builder_feedback_site(struct jr_builder *b, uint32_t function);

/* labels, local to a function */
uint32_t jr_builder_label(struct jr_builder *b, uint32_t function);
void jr_builder_bind(struct jr_builder *b, uint32_t function, uint32_t label); /* here, once */
void jr_builder_jump(struct jr_builder *b, uint32_t function, enum jr_op op, uint32_t a, uint32_t label);
void jr_builder_switch(struct jr_builder *b, uint32_t function, uint32_t a, int64_t min, const uint32_t *labels,
                       uint32_t label_count, uint32_t fallback_label);

#endif
