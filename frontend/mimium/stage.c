/* stage.c -- pieces of code, made while the macro stage runs.
 *
 * Called from inside the machine, which owns memory: nothing here leaves the unit, failures are returned. */
#include "frontend/mimium/stage_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum what {
    WHAT_MARK,
    WHAT_QUOTE,
    WHAT_RESULT,
    WHAT_LIFT,
    WHAT_ARRAY,
    WHAT_CONTROL,
    WHAT_PROBE,
    WHAT_SAMPLER
};

struct jr_mm_stage *jr_mm_stage_new(struct jr_unit *unit, struct jr_mm_ast *ast,
                                    const struct jr_mm_stage_host *host)
{
    struct jr_mm_stage *stage = JR_UNIT_NEW(unit, struct jr_mm_stage);
    stage->host = host;
    stage->unit = unit;
    stage->ast = ast;
    stage->node_count = ast->node_count;
    stage->holes = JR_UNIT_ARRAY(unit, struct jr_mm_hole, ast->node_count);
    stage->selves = JR_UNIT_ARRAY(unit, bool, ast->node_count);
    return stage;
}

static bool has_prefix(const char *name, const char *prefix, const char **rest)
{
    size_t length = strlen(prefix);
    *rest = name + length;
    return strncmp(name, prefix, length) == 0;
}

bool jr_mm_stage_find(const struct jr_mm_stage *stage, const char *name, struct jr_mm_stage_import *out)
{
    const char *number;
    *out = (struct jr_mm_stage_import){ WHAT_MARK, 0 };
    if (strcmp(name, "stage.mark") == 0)
        return true;
    if (strcmp(name, "stage.result") == 0)
        out->what = WHAT_RESULT;
    else if (strcmp(name, "stage.lift_array_code") == 0)
        out->what = WHAT_ARRAY;
    else if (has_prefix(name, "stage.quote.", &number))
        out->what = WHAT_QUOTE;
    else if (has_prefix(name, "stage.lift.", &number))
        out->what = WHAT_LIFT;
    else if (has_prefix(name, "stage.control.", &number))
        out->what = WHAT_CONTROL;
    else if (has_prefix(name, "stage.probe.", &number))
        out->what = WHAT_PROBE;
    else if (has_prefix(name, "stage.sampler.", &number))
        out->what = WHAT_SAMPLER;
    else
        return false;
    if (out->what == WHAT_RESULT || out->what == WHAT_ARRAY)
        return true;
    out->index = (uint32_t)strtoul(number, NULL, 10);
    return out->index < (out->what == WHAT_QUOTE ? stage->quotes.count : stage->lifts.count);
}

/* ---- pieces ---- */

static enum jr_status fail(char *message, enum jr_status status, const char *text)
{
    snprintf(message, JR_MM_STAGE_MESSAGE_BYTES, "%s", text);
    return status;
}

/* Counts `pieces` towards the limit. */
static enum jr_status charge(struct jr_mm_stage *stage, uint64_t pieces, char *message)
{
    stage->pieces += pieces;
    if (stage->pieces <= JR_MM_STAGE_PIECES_MAX)
        return JR_OK;
    snprintf(message, JR_MM_STAGE_MESSAGE_BYTES, "the macro stage makes more than %d pieces of code",
             JR_MM_STAGE_PIECES_MAX);
    return JR_ERR_LIMIT;
}

static enum jr_status no_memory(char *message)
{
    return fail(message, JR_ERR_NO_MEMORY, "there is no memory for more code");
}

/* Puts a new piece on the list; *number is its number. */
static enum jr_status add_code(struct jr_mm_stage *stage, struct jr_mm_code **out, uint64_t *number,
                               char *message)
{
    enum jr_status status = charge(stage, 1, message);
    if (status != JR_OK)
        return status;
    if (stage->code_count + 1 >= stage->code_capacity) {
        uint32_t capacity = stage->code_capacity == 0 ? 64 : stage->code_capacity * 2;
        struct jr_mm_code **codes = JR_ARENA_ARRAY(stage->unit->arena, struct jr_mm_code *, capacity);
        if (codes == NULL)
            return no_memory(message);
        if (stage->code_count > 0)
            memcpy(codes, stage->codes, (stage->code_count + 1) * sizeof(struct jr_mm_code *));
        stage->codes = codes;
        stage->code_capacity = capacity;
    }
    struct jr_mm_code *code = JR_ARENA_NEW(stage->unit->arena, struct jr_mm_code);
    if (code == NULL)
        return no_memory(message);
    *number = ++stage->code_count;
    stage->codes[*number] = code;
    *out = code;
    return JR_OK;
}

/* Numbers of pieces as they come from the machine. */
static enum jr_status take_codes(struct jr_mm_stage *stage, const uint64_t *words, uint64_t count,
                                 struct jr_mm_code *code, char *message)
{
    enum jr_status status = charge(stage, count, message);
    if (status != JR_OK)
        return status;
    uint32_t *codes = JR_ARENA_ARRAY(stage->unit->arena, uint32_t, count);
    if (codes == NULL)
        return no_memory(message);
    for (uint64_t i = 0; i < count; i++) {
        if (words[i] > stage->code_count)
            return fail(message, JR_ERR_INVALID, "there is no such piece of code");
        codes[i] = (uint32_t)words[i];
    }
    code->codes = codes;
    code->code_count = (uint32_t)count;
    return JR_OK;
}

static enum jr_status make_quote(struct jr_mm_stage *stage, const struct jr_mm_quote *quote,
                                 const uint64_t *args, uint64_t *result, char *message)
{
    struct jr_mm_code *code;
    enum jr_status status = add_code(stage, &code, result, message);
    if (status != JR_OK)
        return status;
    code->kind = JR_MM_CODE_QUOTE;
    code->quote = quote;
    code->mark = args[0];
    code->outer_marks =
        jr_arena_copy(stage->unit->arena, args + 1, quote->outer_count * sizeof *code->outer_marks);
    if (code->outer_marks == NULL)
        return no_memory(message);
    return take_codes(stage, args + 1 + quote->outer_count, quote->hole_count, code, message);
}

static enum jr_status make_array(struct jr_mm_stage *stage, const struct jr_mm_stage_reader *reader,
                                 uint64_t array, uint64_t *result, char *message)
{
    struct jr_mm_code *code;
    const uint64_t *words;
    uint64_t count = reader->array(array, &words);
    enum jr_status status = add_code(stage, &code, result, message);
    if (status != JR_OK)
        return status;
    code->kind = JR_MM_CODE_ARRAY;
    return take_codes(stage, words, count, code, message);
}

/* ---- literals ---- */

struct lifting {
    struct jr_mm_stage *stage;
    const struct jr_mm_stage_reader *reader;
    struct jr_span span;
    char *message;
    enum jr_status status;
    uint32_t depth;
};

static struct jr_mm_expr *literal(struct lifting *l, const struct jr_mono *mono, const uint64_t *words);

static void *fail_literal(struct lifting *l, enum jr_status status, const char *text)
{
    if (l->status == JR_OK)
        l->status = fail(l->message, status, text);
    return NULL;
}

static struct jr_mm_expr *new_literal(struct lifting *l, enum jr_mm_expr_kind kind)
{
    l->status = charge(l->stage, 1, l->message);
    struct jr_mm_expr *expr = l->status == JR_OK ? jr_mm_expr_new(l->stage->ast, kind, l->span) : NULL;
    return expr != NULL ? expr : fail_literal(l, JR_ERR_NO_MEMORY, "there is no memory for more code");
}

static void *new_items(struct lifting *l, uint64_t count, size_t size)
{
    void *items = count <= UINT32_MAX ? jr_arena_array(l->stage->unit->arena, count, size) : NULL;
    return items != NULL ? items : fail_literal(l, JR_ERR_NO_MEMORY, "there is no memory for more code");
}

static struct jr_mm_expr *string_literal(struct lifting *l, uint64_t word)
{
    struct jr_mm_expr *expr = new_literal(l, JR_MM_EXPR_STRING);
    if (expr == NULL)
        return NULL;
    const char *text = l->reader->string(word, &expr->as.string.length);
    expr->as.string.text = jr_arena_text(l->stage->unit->arena, text, expr->as.string.length);
    return expr->as.string.text != NULL
               ? expr
               : fail_literal(l, JR_ERR_NO_MEMORY, "there is no memory for more code");
}

static bool fill_items(struct lifting *l, struct jr_mm_exprs *items, uint64_t count)
{
    items->items = new_items(l, count, sizeof *items->items);
    items->count = (uint32_t)count;
    return items->items != NULL;
}

static struct jr_mm_expr *array_literal(struct lifting *l, const struct jr_mono *element, uint64_t word)
{
    const uint64_t *words;
    uint64_t count = l->reader->array(word, &words);
    struct jr_mm_expr *expr = new_literal(l, JR_MM_EXPR_ARRAY);
    if (expr == NULL || !fill_items(l, &expr->as.array, count))
        return NULL;
    for (uint32_t i = 0; i < count; i++) {
        struct jr_mm_expr *item = literal(l, element, words + (size_t)i * element->word_count);
        if (item == NULL)
            return NULL;
        expr->as.array.items[i] = item;
        jr_mm_raise(&expr->node, &item->node);
    }
    return expr;
}

static struct jr_mm_expr *tuple_literal(struct lifting *l, const struct jr_mono *mono, const uint64_t *words)
{
    struct jr_mm_expr *expr = new_literal(l, JR_MM_EXPR_TUPLE);
    if (expr == NULL || !fill_items(l, &expr->as.tuple, mono->count))
        return NULL;
    for (uint32_t i = 0; i < mono->count; i++) {
        struct jr_mm_expr *item = literal(l, mono->items[i], words);
        if (item == NULL)
            return NULL;
        expr->as.tuple.items[i] = item;
        jr_mm_raise(&expr->node, &item->node);
        words += mono->items[i]->word_count;
    }
    return expr;
}

static struct jr_mm_expr *record_literal(struct lifting *l, const struct jr_mono *mono, const uint64_t *words)
{
    struct jr_mm_expr *expr = new_literal(l, JR_MM_EXPR_RECORD);
    if (expr == NULL)
        return NULL;
    expr->as.record.fields.items = new_items(l, mono->count, sizeof *expr->as.record.fields.items);
    expr->as.record.fields.count = mono->count;
    if (expr->as.record.fields.items == NULL)
        return NULL;
    for (uint32_t i = 0; i < mono->count; i++) {
        struct jr_mm_expr *value = literal(l, mono->items[i], words);
        if (value == NULL)
            return NULL;
        expr->as.record.fields.items[i] = (struct jr_mm_field){ { mono->keys[i], l->span }, value };
        jr_mm_raise(&expr->node, &value->node);
        words += mono->items[i]->word_count;
    }
    return expr;
}

/* A member of a union says by itself only what it is: `{ let x: float|string = 1; x }`. */
static struct jr_mm_expr *union_literal(struct lifting *l, const struct jr_ty_sum *sum,
                                        struct jr_mm_expr *member)
{
    struct jr_mm_ast *ast = l->stage->ast;
    struct jr_mm_type *type = jr_mm_type_new(ast, JR_MM_TYPE_UNION, l->span);
    struct jr_mm_expr *block = new_literal(l, JR_MM_EXPR_BLOCK), *use = new_literal(l, JR_MM_EXPR_NAME);
    struct jr_mm_stmt *let = jr_mm_stmt_new(ast, JR_MM_STMT_LET, l->span);
    struct jr_mm_stmt *value = jr_mm_stmt_new(ast, JR_MM_STMT_EXPR, l->span);
    struct jr_mm_pattern *pattern = jr_mm_pattern_new(ast, JR_MM_PATTERN_NAME, l->span);
    struct jr_mm_stmt **stmts = new_items(l, 2, sizeof *stmts);
    struct jr_mm_name *name = new_items(l, 1, sizeof *name);
    struct jr_mm_type **members = new_items(l, sum->count, sizeof *members);
    jr_symbol symbol, base;
    if (type == NULL || block == NULL || use == NULL || let == NULL || value == NULL || pattern == NULL ||
        stmts == NULL || name == NULL || members == NULL ||
        jr_symbols_intern(ast->symbols, "member", 6, &base) != JR_OK ||
        jr_symbols_fresh(ast->symbols, base, NULL, &symbol) != JR_OK)
        return fail_literal(l, JR_ERR_NO_MEMORY, "there is no memory for more code");
    for (uint32_t i = 0; i < sum->count; i++) {
        members[i] = jr_mm_type_new(ast, JR_MM_TYPE_PRIMITIVE, l->span);
        if (members[i] == NULL)
            return fail_literal(l, JR_ERR_NO_MEMORY, "there is no memory for more code");
        members[i]->as.primitive = sum->variants[i].payload->kind == JR_TY_FLOAT    ? JR_MM_FLOAT
                                   : sum->variants[i].payload->kind == JR_TY_STRING ? JR_MM_STRING
                                                                                    : JR_MM_INT;
    }
    type->as.variants = (struct jr_mm_types){ members, sum->count };
    pattern->as.name = symbol;
    let->as.let.pattern = pattern;
    let->as.let.type = type;
    let->as.let.value = member;
    *name = (struct jr_mm_name){ symbol, l->span };
    use->as.name = (struct jr_mm_path){ name, 1, l->span };
    value->as.expr = use;
    stmts[0] = let;
    stmts[1] = value;
    block->as.block = (struct jr_mm_stmts){ stmts, 2 };
    jr_mm_raise(&let->node, &member->node);
    jr_mm_raise(&block->node, &let->node);
    return block;
}

static struct jr_mm_expr *sum_literal(struct lifting *l, const struct jr_mono *mono, const uint64_t *words)
{
    const struct jr_ty_sum *sum = mono->declared;
    uint64_t tag = words[0];
    if (tag >= mono->count)
        return fail_literal(l, JR_ERR_INVALID, "a value of a sum type is damaged");
    const struct jr_mono *payload = mono->items[tag];
    struct jr_mm_expr *inner = payload->kind != JR_TY_UNIT ? literal(l, payload, words + 1) : NULL;
    if (l->status != JR_OK)
        return NULL;
    if (sum->is_union)
        return union_literal(l, sum, inner);
    struct jr_mm_expr *expr = new_literal(l, JR_MM_EXPR_NAME);
    struct jr_mm_name *name = new_items(l, 1, sizeof *name);
    if (expr == NULL || name == NULL)
        return NULL;
    *name = (struct jr_mm_name){ sum->variants[tag].symbol, l->span };
    expr->as.name = (struct jr_mm_path){ name, 1, l->span };
    if (inner == NULL)
        return expr;
    struct jr_mm_expr *call = new_literal(l, JR_MM_EXPR_CALL);
    if (call == NULL || !fill_items(l, &call->as.call.args, 1))
        return NULL;
    call->as.call.callee = expr;
    call->as.call.args.items[0] = inner;
    jr_mm_raise(&call->node, &inner->node);
    return call;
}

static struct jr_mm_expr *literal(struct lifting *l, const struct jr_mono *mono, const uint64_t *words)
{
    struct jr_mm_expr *expr = NULL;
    if (++l->depth > JR_MM_DEPTH_MAX / 2)
        return fail_literal(l, JR_ERR_LIMIT, "the value to lift is nested too deep");
    switch (mono->kind) {
    case JR_TY_FLOAT:
        expr = new_literal(l, JR_MM_EXPR_NUMBER);
        if (expr != NULL)
            memcpy(&expr->as.number.value, words, sizeof words[0]);
        break;
    case JR_TY_STRING:
        expr = string_literal(l, words[0]);
        break;
    case JR_TY_UNIT:
        expr = new_literal(l, JR_MM_EXPR_BLOCK);
        break;
    case JR_TY_TUPLE:
        expr = tuple_literal(l, mono, words);
        break;
    case JR_TY_RECORD:
        expr = record_literal(l, mono, words);
        break;
    case JR_TY_ARRAY:
        expr = array_literal(l, mono->result, words[0]);
        break;
    case JR_TY_SUM:
        expr = sum_literal(l, mono, words);
        break;
    case JR_TY_BOX: {
        const uint64_t *content = l->reader->box(words[0]);
        expr = content != NULL
                   ? literal(l, mono->result, content)
                   : fail_literal(l, JR_ERR_NULL_BOX, "the value to lift is incomplete: it began as zero");
        break;
    }
    case JR_TY_ERROR:
    case JR_TY_INT:
    case JR_TY_FUNCTION:
    case JR_TY_CODE:
    case JR_TY_VARIABLE:
        fail_literal(l, JR_ERR_INVALID, "a value of this type cannot be lifted");
        break;
    }
    l->depth--;
    return expr;
}

/* ---- controls, probes and samples ---- */

static struct jr_mm_expr *name_literal(struct lifting *l, jr_symbol symbol)
{
    struct jr_mm_expr *expr = new_literal(l, JR_MM_EXPR_NAME);
    struct jr_mm_name *name = new_items(l, 1, sizeof *name);
    if (expr == NULL || name == NULL)
        return NULL;
    *name = (struct jr_mm_name){ symbol, l->span };
    expr->as.name = (struct jr_mm_path){ name, 1, l->span };
    return expr;
}

static struct jr_mm_expr *number_literal(struct lifting *l, double value)
{
    struct jr_mm_expr *expr = new_literal(l, JR_MM_EXPR_NUMBER);
    if (expr != NULL)
        expr->as.number.value = value;
    return expr;
}

/* name(first, second), of a function of the compiler. */
static struct jr_mm_expr *call_literal(struct lifting *l, const char *name, struct jr_mm_expr *first,
                                       struct jr_mm_expr *second)
{
    jr_symbol symbol;
    struct jr_mm_expr *call = new_literal(l, JR_MM_EXPR_CALL);
    if (first == NULL || second == NULL || call == NULL || !fill_items(l, &call->as.call.args, 2))
        return NULL;
    if (jr_symbols_intern(l->stage->ast->symbols, name, strlen(name), &symbol) != JR_OK)
        return fail_literal(l, JR_ERR_NO_MEMORY, "there is no memory for more code");
    call->as.call.callee = name_literal(l, symbol);
    call->as.call.args.items[0] = first;
    call->as.call.args.items[1] = second;
    call->node.height = 2;
    return call->as.call.callee != NULL ? call : NULL;
}

/* control.get(index, initial) */
static struct jr_mm_expr *control_literal(struct lifting *l, const char *name, uint64_t word)
{
    const struct jr_mm_stage_host *host = l->stage->host;
    double initial;
    uint32_t index = 0;
    memcpy(&initial, &word, sizeof initial);
    if (host->control == NULL)
        return number_literal(l, initial);
    if (host->control(host->user, name, initial, &index) != JR_OK)
        return fail_literal(l, JR_ERR_NO_MEMORY, "there is no memory for more controls");
    return call_literal(l, "control.get", number_literal(l, index), number_literal(l, initial));
}

/* The value's shape, each number of it a control called by `name` and the way to it. */
static struct jr_mm_expr *controls_literal(struct lifting *l, const struct jr_mono *mono, const char *name,
                                           const uint64_t *words)
{
    char *path;
    if (mono->kind == JR_TY_FLOAT)
        return control_literal(l, name, words[0]);
    bool record = mono->kind == JR_TY_RECORD;
    struct jr_mm_expr *expr = new_literal(l, record ? JR_MM_EXPR_RECORD : JR_MM_EXPR_TUPLE);
    if (expr == NULL)
        return NULL;
    if (record) {
        expr->as.record.fields.items = new_items(l, mono->count, sizeof *expr->as.record.fields.items);
        expr->as.record.fields.count = mono->count;
    } else if (!fill_items(l, &expr->as.tuple, mono->count)) {
        return NULL;
    }
    if (record && expr->as.record.fields.items == NULL)
        return NULL;
    for (uint32_t i = 0; i < mono->count; i++) {
        const char *key = record ? jr_symbols_text(l->stage->ast->symbols, mono->keys[i]) : "";
        size_t size = strlen(name) + strlen(key) + 16;
        path = new_items(l, size, 1);
        if (path == NULL)
            return NULL;
        if (record)
            snprintf(path, size, "%s.%s", name, key);
        else
            snprintf(path, size, "%s.%u", name, i);
        struct jr_mm_expr *item = controls_literal(l, mono->items[i], path, words);
        if (item == NULL)
            return NULL;
        if (record)
            expr->as.record.fields.items[i] = (struct jr_mm_field){ { mono->keys[i], l->span }, item };
        else
            expr->as.tuple.items[i] = item;
        jr_mm_raise(&expr->node, &item->node);
        words += mono->items[i]->word_count;
    }
    return expr;
}

/* A variable that only the literal knows. */
static bool fresh_variable(struct lifting *l, const char *name, jr_symbol *symbol)
{
    jr_symbol base;
    if (jr_symbols_intern(l->stage->ast->symbols, name, strlen(name), &base) == JR_OK &&
        jr_symbols_fresh(l->stage->ast->symbols, base, NULL, symbol) == JR_OK)
        return true;
    fail_literal(l, JR_ERR_NO_MEMORY, "there is no memory for more code");
    return false;
}

/* |param| body */
static struct jr_mm_expr *lambda_literal(struct lifting *l, jr_symbol param, struct jr_mm_expr *body)
{
    struct jr_mm_expr *lambda = new_literal(l, JR_MM_EXPR_LAMBDA);
    struct jr_mm_param **params = new_items(l, 1, sizeof *params);
    if (lambda == NULL || params == NULL || body == NULL)
        return NULL;
    params[0] = jr_mm_param_new(l->stage->ast, (struct jr_mm_name){ param, l->span }, l->span);
    if (params[0] == NULL)
        return fail_literal(l, JR_ERR_NO_MEMORY, "there is no memory for more code");
    lambda->as.lambda.params = (struct jr_mm_params){ params, 1 };
    lambda->as.lambda.body = body;
    jr_mm_raise(&lambda->node, &body->node);
    return lambda;
}

/* |x| x, or of a number that the host wants to see |x| probe.put(x, index). */
static struct jr_mm_expr *probe_literal(struct lifting *l, const struct jr_mm_lift *lift, const char *label)
{
    const struct jr_mm_stage_host *host = l->stage->host;
    jr_symbol x;
    uint32_t index;
    if (!fresh_variable(l, "x", &x))
        return NULL;
    if (host->probe == NULL || !lift->of_numbers)
        return lambda_literal(l, x, name_literal(l, x));
    if (host->probe(host->user, label, &index) != JR_OK)
        return fail_literal(l, JR_ERR_NO_MEMORY, "there is no memory for more probes");
    return lambda_literal(l, x, call_literal(l, "probe.put", name_literal(l, x), number_literal(l, index)));
}

/* {length = samples, player = |position| sample.get(position, index)} */
static struct jr_mm_expr *sampler_literal(struct lifting *l, const char *path)
{
    static const char *const keys[] = { "length", "player" };
    const struct jr_mm_stage_host *host = l->stage->host;
    uint32_t index;
    uint64_t length;
    jr_symbol position;
    if (host->sample == NULL)
        return fail_literal(l, JR_ERR_UNSUPPORTED, "this host has no sound files");
    enum jr_status status = host->sample(host->user, path, &index, &length, l->message);
    if (status != JR_OK) {
        l->status = status;
        return NULL;
    }
    struct jr_mm_expr *record = new_literal(l, JR_MM_EXPR_RECORD);
    struct jr_mm_field *fields = new_items(l, 2, sizeof *fields);
    if (record == NULL || fields == NULL || !fresh_variable(l, "position", &position))
        return NULL;
    struct jr_mm_expr *get =
        call_literal(l, "sample.get", name_literal(l, position), number_literal(l, index));
    fields[0].value = number_literal(l, (double)length);
    fields[1].value = lambda_literal(l, position, get);
    for (uint32_t i = 0; i < 2; i++) {
        if (fields[i].value == NULL)
            return NULL;
        fields[i].name.span = l->span;
        if (jr_symbols_intern(l->stage->ast->symbols, keys[i], strlen(keys[i]), &fields[i].name.symbol) !=
            JR_OK)
            return fail_literal(l, JR_ERR_NO_MEMORY, "there is no memory for more code");
        jr_mm_raise(&record->node, &fields[i].value->node);
    }
    record->as.record.fields = (struct jr_mm_fields){ fields, 2 };
    return record;
}

/* What an import makes of its arguments; NULL after l->status and the message are set. */
static struct jr_mm_expr *import_literal(struct lifting *l, enum what what, const struct jr_mm_lift *lift,
                                         const uint64_t *args)
{
    size_t length;
    if (what == WHAT_LIFT)
        return literal(l, lift->mono, args);
    if (what == WHAT_CONTROL)
        return controls_literal(l, lift->mono, l->reader->string(args[0], &length), args + 1);
    if (what == WHAT_SAMPLER)
        return sampler_literal(l, l->reader->string(args[0], &length));
    return probe_literal(l, lift, l->reader->string(args[0], &length));
}

static enum jr_status make_literal(struct jr_mm_stage *stage, struct jr_mm_stage_import import,
                                   const struct jr_mm_stage_reader *reader, const uint64_t *args,
                                   uint64_t *result, char *message)
{
    const struct jr_mm_lift *lift = &stage->lifts.items[import.index];
    struct lifting l = { .stage = stage, .reader = reader, .span = lift->span, .message = message };
    struct jr_mm_expr *expr = import_literal(&l, (enum what)import.what, lift, args);
    struct jr_mm_code *code;
    if (expr == NULL)
        return l.status;
    enum jr_status status = add_code(stage, &code, result, message);
    if (status != JR_OK)
        return status;
    code->kind = JR_MM_CODE_LITERAL;
    code->literal = expr;
    return JR_OK;
}

/* ---- calls ---- */

enum jr_status jr_mm_stage_call(struct jr_mm_stage *stage, struct jr_mm_stage_import import,
                                const struct jr_mm_stage_reader *reader, const uint64_t *args,
                                uint64_t *result, char message[JR_MM_STAGE_MESSAGE_BYTES])
{
    switch ((enum what)import.what) {
    case WHAT_MARK:
        *result = ++stage->marks;
        return JR_OK;
    case WHAT_QUOTE:
        return make_quote(stage, stage->quotes.items[import.index], args, result, message);
    case WHAT_LIFT:
    case WHAT_CONTROL:
    case WHAT_PROBE:
    case WHAT_SAMPLER:
        return make_literal(stage, import, reader, args, result, message);
    case WHAT_ARRAY:
        return make_array(stage, reader, args[0], result, message);
    case WHAT_RESULT: {
        double index;
        memcpy(&index, &args[0], sizeof index);
        if (!(index >= 0.0 && index < stage->results.count) || args[1] > stage->code_count)
            return fail(message, JR_ERR_INVALID, "there is no such splice");
        stage->results.items[(uint32_t)index].code = (uint32_t)args[1];
        return JR_OK;
    }
    }
    return fail(message, JR_ERR_INVALID, "the macro stage has no such operation");
}

bool jr_mm_stage_splice_at(const struct jr_mm_stage *stage, struct jr_span place, struct jr_span *splice)
{
    for (uint32_t i = 0; i < stage->results.count; i++) {
        *splice = stage->results.items[i].expr->node.span;
        if (splice->file == place.file && splice->start <= place.start && place.end <= splice->end)
            return true;
    }
    return false;
}
