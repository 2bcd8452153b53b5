/* layout.c -- interning types without variables and laying out their words. */
#include "frontend/mimium/layout.h"

#include <string.h>

#include "ir/base/assert.h"
#include "ir/builder.h"

/* A value has to fit among the registers of a frame with room to spare. */
enum { WORDS_MAX = 16384, DEPTH_MAX = 1000, STEPS_MAX = 20000000 };

static uint32_t mix(uint32_t hash, uintptr_t value)
{
    return (hash ^ (uint32_t)(value >> 3) ^ (uint32_t)(value >> 19)) * 16777619u;
}

static uint32_t hash_of(const struct jr_mono *mono)
{
    uint32_t hash = mix(2166136261u, (uintptr_t)mono->kind << 3);
    hash = mix(hash, (uintptr_t)mono->param);
    hash = mix(hash, (uintptr_t)mono->result);
    for (uint32_t i = 0; i < mono->count; i++) {
        hash = mix(hash, (uintptr_t)mono->items[i]);
        if (mono->keys != NULL)
            hash = mix(hash, (uintptr_t)mono->keys[i] << 3);
    }
    return hash;
}

static bool same(const struct jr_mono *a, const struct jr_mono *b)
{
    if (a->hash != b->hash || a->kind != b->kind || a->count != b->count || a->param != b->param ||
        a->result != b->result)
        return false;
    for (uint32_t i = 0; i < a->count; i++)
        if (a->items[i] != b->items[i] || (a->keys != NULL && a->keys[i] != b->keys[i]))
            return false;
    return true;
}

/* Fills in the words; `types` has room for word_count. */
static void fill_words(struct jr_monos *monos, const struct jr_mono *mono, struct jr_word_type *types)
{
    const struct jr_layout *layout;
    uint32_t at = 0;
    switch (mono->kind) {
    case JR_TY_ERROR:
    case JR_TY_VARIABLE:
    case JR_TY_UNIT:
        break;
    case JR_TY_FLOAT:
    case JR_TY_INT:
    case JR_TY_CODE:
        types[0] = (struct jr_word_type){ JR_WORD_RAW, 0 };
        break;
    case JR_TY_STRING:
        types[0] = (struct jr_word_type){ JR_WORD_STRING, 0 };
        break;
    case JR_TY_BOX:
        types[0] = (struct jr_word_type){ JR_WORD_BOX, mono->result->layout };
        break;
    case JR_TY_ARRAY:
        types[0] = (struct jr_word_type){ JR_WORD_ARRAY, mono->result->layout };
        break;
    case JR_TY_FUNCTION:
        types[0] = (struct jr_word_type){ JR_WORD_CLOSURE, mono->signature };
        break;
    case JR_TY_SUM:
        for (uint32_t i = 0; i < mono->word_count; i++) {
            enum jr_word_class kind = !mono->has_refs ? JR_WORD_RAW : i == 0 ? JR_WORD_SUM : JR_WORD_SUM_TAIL;
            types[i] = (struct jr_word_type){ kind, mono->has_refs ? mono->sum : 0 };
        }
        break;
    case JR_TY_TUPLE:
    case JR_TY_RECORD:
        for (uint32_t i = 0; i < mono->count; i++) {
            layout = jr_builder_get_layout(monos->builder, mono->items[i]->layout);
            if (layout->word_count == mono->items[i]->word_count &&
                layout->word_count > 0) /* else the builder has failed */
                memcpy(types + at, layout->words, mono->items[i]->word_count * sizeof *types);
            at += mono->items[i]->word_count;
        }
        break;
    }
}

static void lay_out(struct jr_monos *monos, struct jr_mono *mono)
{
    switch (mono->kind) {
    case JR_TY_ERROR:
    case JR_TY_VARIABLE:
    case JR_TY_UNIT:
        break;
    case JR_TY_FLOAT:
    case JR_TY_INT:
    case JR_TY_CODE: /* which piece of code it is (stage.h) */
        mono->word_count = 1;
        break;
    case JR_TY_STRING:
    case JR_TY_ARRAY:
    case JR_TY_FUNCTION:
    case JR_TY_BOX:
        mono->word_count = 1;
        mono->has_refs = true;
        break;
    case JR_TY_SUM:
        if (mono->word_count > 0) /* recursive: known before its payloads are laid out */
            break;
        mono->word_count = 1; /* the tag */
        for (uint32_t i = 0; i < mono->count; i++) {
            if (mono->items[i]->word_count >= mono->word_count)
                mono->word_count = mono->items[i]->word_count + 1;
            mono->has_refs |= mono->items[i]->has_refs;
        }
        if (mono->word_count > WORDS_MAX)
            jr_unit_leave_limit(monos->unit, monos->place, "a value here has more than %d words", WORDS_MAX);
        break;
    case JR_TY_TUPLE:
    case JR_TY_RECORD:
        for (uint32_t i = 0; i < mono->count; i++) {
            mono->word_count += mono->items[i]->word_count;
            mono->has_refs |= mono->items[i]->has_refs;
            if (mono->word_count > WORDS_MAX)
                jr_unit_leave_limit(monos->unit, monos->place, "a value here has more than %d words",
                                    WORDS_MAX);
        }
        break;
    }
    if (mono->kind == JR_TY_FUNCTION)
        mono->signature = jr_builder_signature(monos->builder, mono->param->layout, mono->result->layout);
    struct jr_word_type *types = JR_UNIT_ARRAY(monos->unit, struct jr_word_type, mono->word_count);
    fill_words(monos, mono, types);
    mono->layout = jr_builder_layout(monos->builder, types, mono->word_count);
}

/* Keeps the buckets short. */
static void grow(struct jr_monos *monos)
{
    uint32_t count = monos->bucket_count == 0 ? 256 : monos->bucket_count * 2;
    struct jr_mono **buckets = JR_UNIT_ARRAY(monos->unit, struct jr_mono *, count);
    for (uint32_t i = 0; i < monos->bucket_count; i++)
        for (struct jr_mono *mono = monos->buckets[i], *next; mono != NULL; mono = next) {
            next = mono->next;
            mono->next = buckets[mono->hash & (count - 1)];
            buckets[mono->hash & (count - 1)] = mono;
        }
    monos->buckets = buckets;
    monos->bucket_count = count;
}

static const struct jr_mono *intern(struct jr_monos *monos, struct jr_mono *candidate)
{
    if (monos->mono_count >= monos->bucket_count)
        grow(monos);
    candidate->hash = hash_of(candidate);
    struct jr_mono **bucket = &monos->buckets[candidate->hash & (monos->bucket_count - 1)];
    for (const struct jr_mono *mono = *bucket; mono != NULL; mono = mono->next)
        if (same(mono, candidate))
            return mono;
    struct jr_mono *mono = JR_UNIT_NEW(monos->unit, struct jr_mono);
    *mono = *candidate;
    lay_out(monos, mono);
    bucket = &monos->buckets[mono->hash & (monos->bucket_count - 1)]; /* laying it out may have made others */
    mono->next = *bucket;
    *bucket = mono;
    monos->mono_count++;
    return mono;
}

/* The words of a payload in a group of recursive sums, whose values are boxed there. */
static uint64_t stored_words(struct jr_monos *monos, struct jr_ty *ty, const struct jr_ty_sum *group)
{
    uint64_t words = 0;
    ty = jr_ty_resolve(ty);
    if (ty->kind == JR_TY_SUM && ty->sum->group != group)
        return jr_mono_of(monos, ty, NULL)->word_count;
    if (ty->kind != JR_TY_TUPLE && ty->kind != JR_TY_RECORD)
        return ty->kind != JR_TY_UNIT;
    for (uint32_t i = 0; i < ty->count; i++)
        words += stored_words(monos, ty->items[i], group);
    return words;
}

static const struct jr_mono *stored(struct jr_monos *monos, struct jr_ty *ty, const struct jr_ty_sum *group)
{
    ty = jr_ty_resolve(ty);
    struct jr_mono mono = { .kind = ty->kind };
    if (ty->kind == JR_TY_SUM && ty->sum->group == group) {
        mono.kind = JR_TY_BOX;
        mono.result = jr_mono_of(monos, ty, NULL);
        return intern(monos, &mono);
    }
    if (ty->kind != JR_TY_TUPLE && ty->kind != JR_TY_RECORD)
        return jr_mono_of(monos, ty, NULL);
    mono.count = ty->count;
    mono.keys = ty->keys;
    mono.items = JR_UNIT_ARRAY(monos->unit, const struct jr_mono *, ty->count);
    for (uint32_t i = 0; i < ty->count; i++)
        mono.items[i] = stored(monos, ty->items[i], group);
    return intern(monos, &mono);
}

/* A recursive sum is known, words and all, before its payloads are, which mention it. */
static void begin_recursive(struct jr_monos *monos, struct jr_ty_sum *sum, struct jr_mono *mono)
{
    uint64_t most = 0;
    for (uint32_t i = 0; i < sum->count; i++) {
        uint64_t words = stored_words(monos, sum->variants[i].payload, sum->group);
        most = words > most ? words : most;
    }
    if (most >= WORDS_MAX)
        jr_unit_leave_limit(monos->unit, monos->place, "a value here has more than %d words", WORDS_MAX);
    mono->word_count = (uint32_t)most + 1;
    mono->has_refs = true;
    lay_out(monos, mono);
    sum->mono = mono;
}

/* A sum has no variables, so it is laid out once. */
static const struct jr_mono *mono_of_sum(struct jr_monos *monos, struct jr_ty_sum *sum)
{
    if (sum->mono != NULL)
        return sum->mono;
    struct jr_mono *mono = JR_UNIT_NEW(monos->unit, struct jr_mono);
    uint32_t *layouts = JR_UNIT_ARRAY(monos->unit, uint32_t, sum->count);
    const char **names = JR_UNIT_ARRAY(monos->unit, const char *, sum->count);
    mono->kind = JR_TY_SUM;
    mono->declared = sum;
    mono->count = sum->count;
    mono->items = JR_UNIT_ARRAY(monos->unit, const struct jr_mono *, sum->count);
    mono->sum = jr_builder_sum_declare(monos->builder, sum->name);
    if (sum->group != NULL)
        begin_recursive(monos, sum, mono);
    for (uint32_t i = 0; i < sum->count; i++) {
        mono->items[i] = sum->group != NULL ? stored(monos, sum->variants[i].payload, sum->group)
                                            : jr_mono_of(monos, sum->variants[i].payload, NULL);
        layouts[i] = mono->items[i]->layout;
        names[i] = sum->variants[i].name;
    }
    jr_builder_sum_define(monos->builder, mono->sum, layouts, names, sum->count);
    if (sum->group == NULL) {
        lay_out(monos, mono);
        sum->mono = mono;
    }
    return mono;
}

/* What a scheme's variable stands for, or NULL. */
static const struct jr_mono *find_argument(const struct jr_ty *variable, const struct jr_env *env)
{
    for (; env != NULL; env = env->outer) {
        if (env->fn->binding == NULL)
            continue;
        const struct jr_ty_scheme *scheme = &env->fn->binding->scheme;
        for (uint32_t i = 0; i < scheme->variable_count; i++)
            if (scheme->variables[i] == variable)
                return env->monos[i];
    }
    return NULL;
}

const struct jr_mono *jr_mono_of(struct jr_monos *monos, struct jr_ty *ty, const struct jr_env *env)
{
    struct jr_mono mono = { 0 };
    ty = jr_ty_resolve(ty);
    if (++monos->depth > DEPTH_MAX || ++monos->steps > STEPS_MAX)
        jr_unit_leave_limit(monos->unit, monos->place, "the type here is too large");
    mono.kind = ty->kind;
    if (ty->kind == JR_TY_VARIABLE) {
        const struct jr_mono *argument = ty->level == JR_TY_GENERIC_LEVEL ? find_argument(ty, env) : NULL;
        if (argument != NULL) {
            monos->depth--;
            return argument;
        }
        mono.kind = ty->count > 0 ? JR_TY_RECORD : JR_TY_FLOAT;
    }
    if (ty->kind == JR_TY_SUM) {
        const struct jr_mono *sum = mono_of_sum(monos, ty->sum);
        monos->depth--;
        return sum;
    }
    if (ty->kind == JR_TY_FUNCTION)
        mono.param = jr_mono_of(monos, ty->param, env);
    if (ty->kind == JR_TY_FUNCTION || ty->kind == JR_TY_ARRAY)
        mono.result = jr_mono_of(monos, ty->result, env);
    if (ty->count > 0) {
        mono.count = ty->count;
        mono.keys = ty->keys;
        mono.items = JR_UNIT_ARRAY(monos->unit, const struct jr_mono *, ty->count);
        for (uint32_t i = 0; i < ty->count; i++)
            mono.items[i] = jr_mono_of(monos, ty->items[i], env);
    }
    monos->depth--;
    return intern(monos, &mono);
}

const struct jr_mono *jr_mono_task(struct jr_monos *monos)
{
    struct jr_types *types = monos->types;
    return jr_mono_of(monos, jr_ty_function(types, &types->unit_type, &types->unit_type), NULL);
}

uint32_t jr_mono_offset(const struct jr_mono *mono, uint32_t index)
{
    uint32_t offset = 0;
    for (uint32_t i = 0; i < index; i++)
        offset += mono->items[i]->word_count;
    return offset;
}

uint32_t jr_mono_field(const struct jr_mono *mono, jr_symbol key)
{
    uint32_t i = 0;
    while (i < mono->count && mono->keys[i] != key)
        i++;
    JR_ASSERT(i < mono->count, "inference has seen that the field exists");
    return i;
}
