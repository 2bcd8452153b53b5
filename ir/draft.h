/* draft.h -- a module while it grows; internal to ir/.
 *
 * The builder and the assembler fill growable tables here; jr_draft_close turns them into the tables of a module.  Small
 * things (texts, words of layouts, targets of jump tables) go into the module's arena at once. */
#ifndef JR_IR_DRAFT_H
#define JR_IR_DRAFT_H

#include "ir/base/arena.h"
#include "ir/base/index_map.h"
#include "ir/base/status.h"
#include "ir/base/vec.h"
#include "ir/module.h"

/* What the tables may hold at most; more is JR_ERR_LIMIT.  Documented in docs/internals/bytecode.md. */
enum {
    JR_MOST_REGISTERS = 65535,      /* words of a frame */
    JR_MOST_VALUE_WORDS = 65535,    /* words of one value: it has to fit a frame */
    JR_MOST_CODE_WORDS = 1 << 28,   /* of one function */
    JR_MOST_STATE_WORDS = 1 << 28,  /* of one function's region: 2 GiB */
    JR_MOST_GLOBAL_WORDS = 1 << 24, /* of one module */
    JR_MOST_LAYOUT_WORDS = 1 << 22, /* of all layouts together */
    JR_MOST_ENTRIES = 1 << 24,      /* of any other table */
};

/* The growing tables of one function; its fixed fields are in jr_draft.functions. */
struct jr_draft_body {
    JR_VEC(union jr_code) code;
    JR_VEC(uint64_t) constants;
    JR_VEC(struct jr_span_entry) spans;
    JR_VEC(struct jr_jump_table) tables;
    JR_VEC(struct jr_state_site) sites;
    struct jr_index_map constant_map;
};

struct jr_draft {
    const struct jr_alloc *alloc;
    struct jr_module *module; /* in its own arena; NULL when nothing was begun or after jr_draft_close */
    JR_VEC(const char *) files;
    JR_VEC(struct jr_layout) layouts;
    JR_VEC(struct jr_sum) sums;
    JR_VEC(struct jr_signature) signatures;
    JR_VEC(const char *) strings;
    JR_VEC(uint32_t) string_sizes;
    JR_VEC(struct jr_global) globals;
    JR_VEC(struct jr_import) imports;
    JR_VEC(struct jr_function) functions;
    JR_VEC(struct jr_draft_body) bodies; /* as many as functions */
    uint64_t layout_words;               /* of all layouts so far */
};

/* A module with an arena and nothing else; NULL if there is no memory. */
struct jr_module *jr_module_new(const struct jr_alloc *alloc);

/* Fills what follows from the other tables: has_refs, the word counts of sums, where globals stand, functions' parameter, result
 * and capture words, the channels.  Indices out of range count as no words, so any tables will do. */
void jr_module_derive(struct jr_module *module);

enum jr_status jr_draft_init(struct jr_draft *draft, const struct jr_alloc *alloc);
void jr_draft_fini(struct jr_draft *draft);

/* Copies `length` characters into the arena; NULL if there is no memory. */
const char *jr_draft_text(struct jr_draft *draft, const char *text, size_t length);
/* Gives a layout its words (copied).  JR_ERR_LIMIT if the value or all layouts together are too wide. */
enum jr_status jr_draft_layout_words(struct jr_draft *draft, struct jr_layout *layout,
                                     const struct jr_word_type *words, uint32_t word_count);
enum jr_status jr_draft_string(struct jr_draft *draft, const char *bytes, size_t size);
/* Appends a function with an empty body. */
enum jr_status jr_draft_function(struct jr_draft *draft, const struct jr_function *head);
/* The index of a constant in a function's table, which gets it if it is new. */
enum jr_status jr_draft_constant(struct jr_draft *draft, uint32_t function, uint64_t word, uint32_t *index);
/* From `pc`, which is not before that of the entries so far, instructions stand at `place`: run-length coded. */
enum jr_status jr_draft_span(struct jr_draft *draft, uint32_t function, uint32_t pc, struct jr_place place);

/* The same layout or signature found by content, JR_NONE if there is none yet. */
uint64_t jr_layout_hash(const struct jr_word_type *words, uint32_t word_count);
bool jr_layout_same(const struct jr_layout *layout, const struct jr_word_type *words, uint32_t word_count);
bool jr_place_same(struct jr_place a, struct jr_place b);

/* Gives the finished module (derived fields filled, not verified) and empties the draft; the caller owns it. */
enum jr_status jr_draft_close(struct jr_draft *draft, struct jr_module **out);

/* Proves that the indices of an instruction are in range, as jr_instr_registers wants them.  Otherwise returns false and `operand`
 * is the kind of the first bad one, `value` the index. */
bool jr_instr_indices_ok(const struct jr_module *module, const struct jr_function *function,
                         const struct jr_instr *in, enum jr_operand *operand, uint32_t *value);
/* How many registers the frame needs for this instruction, whose indices are in range. */
uint64_t jr_instr_frame(const struct jr_module *module, const struct jr_function *function,
                        const struct jr_instr *in);
/* The word that an operand kind stands for, for example "layout". */
const char *jr_operand_word(enum jr_operand operand);

#endif
