/* layout.h -- types without variables ("mono"), and how their values lie in words.
 *
 * Equal types are the same pointer.  A scheme's variables are looked up in an environment, which belongs to one instance of a
 * generic function; any other variable is a float, or the record of the fields it is known to have. */
#ifndef JR_FRONTEND_MIMIUM_LAYOUT_H
#define JR_FRONTEND_MIMIUM_LAYOUT_H

#include "frontend/mimium/core.h"

struct jr_builder;

struct jr_mono {
    enum jr_ty_kind kind; /* neither ERROR nor VARIABLE; CODE is the same whatever it gives */
    uint32_t word_count;
    bool has_refs;
    uint32_t layout;    /* of the builder */
    uint32_t signature; /* FUNCTION */
    uint32_t sum;       /* SUM: of the builder */
    uint32_t count;     /* TUPLE, RECORD; SUM: variants, and items are their payloads as they are stored */
    const struct jr_mono **items;
    const struct jr_ty_sum *declared; /* SUM */
    const jr_symbol *keys;            /* RECORD */
    const struct jr_mono *param;  /* FUNCTION */
    const struct jr_mono *result; /* FUNCTION; ARRAY: the element */
    uint32_t hash;
    struct jr_mono *next; /* of the same hash bucket */
};

/* What the variables of the schemes around stand for in one instance of `fn`. */
struct jr_env {
    const struct jr_core_fn *fn;
    const struct jr_env *outer;
    const struct jr_mono **monos; /* per variable of fn's scheme */
};

struct jr_monos {
    struct jr_unit *unit;
    struct jr_types *types;
    struct jr_builder *builder;
    struct jr_span place; /* where a type that is too large is reported */
    uint32_t depth, steps;
    struct jr_mono **buckets; /* bucket_count of them, a power of two, or NULL */
    uint32_t bucket_count, mono_count;
};

/* The type in the environment (NULL: none). */
const struct jr_mono *jr_mono_of(struct jr_monos *monos, struct jr_ty *ty, const struct jr_env *env);
/* Of a function without parameters and results. */
const struct jr_mono *jr_mono_task(struct jr_monos *monos);
/* Where item or field number `index` begins. */
uint32_t jr_mono_offset(const struct jr_mono *mono, uint32_t index);
/* The index of a field that exists. */
uint32_t jr_mono_field(const struct jr_mono *mono, jr_symbol key);

#endif
