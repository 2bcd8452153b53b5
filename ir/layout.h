/* layout.h -- how values lie in words, and which words are counted references.
 *
 * A value of k words lies in k consecutive words, in a frame, in state, among the globals or inside an object.  A
 * layout says for each word what it is.  Layouts, sums and signatures are tables of the module; `arg` below is an
 * index into one of them, so recursive types are simply indices that come back.  The builder interns equal
 * layouts and signatures: equal index is equal type, and the verifier compares indices only.
 *
 * A sum value is {tag, payload...}: if no variant holds a reference, all its words are RAW.  Otherwise its first
 * word is SUM and the rest are SUM_TAIL, and it moves, is copied and is released only as a whole. */
#ifndef JR_IR_LAYOUT_H
#define JR_IR_LAYOUT_H

#include <stdint.h>

enum jr_word_class {
    JR_WORD_RAW,      /* bits without count: binary64, i64 */
    JR_WORD_CLOSURE,  /* arg: signature */
    JR_WORD_ARRAY,    /* arg: layout of an element; null is the empty array of zeros */
    JR_WORD_STRING,   /* null is the empty string */
    JR_WORD_BOX,      /* arg: layout of the content */
    JR_WORD_CELL,     /* arg: layout of the content; only in registers and captures, never null */
    JR_WORD_SUM,      /* arg: sum; first word (the tag) of a sum value with references */
    JR_WORD_SUM_TAIL, /* a further word of it */
};

struct jr_word_type {
    enum jr_word_class kind;
    uint32_t arg;
};

struct jr_layout {
    uint32_t word_count;
    uint32_t has_refs; /* 1 if any word is not RAW */
    struct jr_word_type *words;
};

/* A tagged union.  word_count = 1 + the largest payload. */
struct jr_sum {
    const char *name;
    uint32_t word_count;
    uint32_t variant_count;
    uint32_t *variant_layouts;   /* layout of each payload */
    const char **variant_names;  /* may be NULL */
};

/* The words a function takes and gives. */
struct jr_signature {
    uint32_t param_layout;
    uint32_t result_layout;
};

#endif
