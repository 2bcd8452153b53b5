/* profile.c -- from samples to functions. */
#include <stdlib.h>
#include <string.h>

#include "host/listing.h"
#include "host/profile_internal.h"
#include "host/session_internal.h"
#include "interp/interp.h"
#include "ir/base/alloc.h"
#include "ir/base/sb.h"
#include "runtime/residual.h"
#include "runtime/vm.h"

enum { BLOCK_FRAMES = 256, MOST_STEPS = 512 /* of one stack; deeper ones are cut */ };

enum jr_status jr_profile_create(struct jr_profile **out)
{
    const struct jr_alloc *alloc = jr_alloc_default();
    *out = jr_alloc_new(alloc, sizeof **out);
    if (*out == NULL)
        return JR_ERR_NO_MEMORY;
    (*out)->alloc = alloc;
    pthread_mutex_init(&(*out)->lock, NULL);
    return JR_OK;
}

void jr_profile_destroy(struct jr_profile *profile)
{
    if (profile == NULL)
        return;
    for (size_t i = 0; i < profile->pieces.count; i++)
        jr_alloc_free(profile->alloc, profile->pieces.items[i].lines,
                      profile->pieces.items[i].line_count * sizeof(struct jr_code_line));
    for (uint32_t i = 0; i < profile->function_count; i++) { /* the module may be gone */
        struct jr_profile_function *function = &profile->functions[i];
        jr_alloc_free(profile->alloc, function->counts, function->code_words * sizeof(uint64_t));
        jr_alloc_free(profile->alloc, function->heat, function->code_words * sizeof(uint32_t));
    }
    jr_alloc_free(profile->alloc, profile->functions, profile->function_count * sizeof *profile->functions);
    jr_alloc_free(profile->alloc, profile->residual_heat, profile->residual_words * sizeof(uint32_t));
    JR_VEC_FREE(profile->alloc, &profile->pieces);
    JR_VEC_FREE(profile->alloc, &profile->words);
    JR_VEC_FREE(profile->alloc, &profile->steps);
    JR_VEC_FREE(profile->alloc, &profile->stacks);
    pthread_mutex_destroy(&profile->lock);
    jr_alloc_free(profile->alloc, profile, sizeof *profile);
}

/* ---- while the session runs ---- */

void jr_profile_code(void *user, const struct jr_jit_code *code)
{
    struct jr_profile *profile = user;
    struct jr_profile_piece piece = { .module = code->module,
                                      .function = code->function,
                                      .kind = code->kind,
                                      .address = code->address,
                                      .bytes = code->bytes,
                                      .seconds = code->seconds,
                                      .line_count = code->line_count };
    if (code->line_count > 0) {
        piece.lines = jr_alloc_array(profile->alloc, code->line_count, sizeof piece.lines[0]);
        if (piece.lines == NULL)
            return; /* its samples count as outside of the script */
        memcpy(piece.lines, code->lines, code->line_count * sizeof piece.lines[0]);
    }
    pthread_mutex_lock(&profile->lock);
    if (JR_VEC_PUSH(profile->alloc, &profile->pieces, piece) != JR_OK)
        jr_alloc_free(profile->alloc, piece.lines, piece.line_count * sizeof piece.lines[0]);
    pthread_mutex_unlock(&profile->lock);
}

struct jr_profile_view jr_profile_attach(struct jr_profile *profile, struct jr_session *session)
{
    const struct jr_task *task = jr_vm_task(session->vm);
    uint32_t depth = jr_vm_limits(session->vm)->depth;
    profile->session = session;
    profile->module = session->module;
    profile->view = (struct jr_profile_view){ .interpreter = (uint64_t)(uintptr_t)jr_interp_loop(),
                                     .records = (uint64_t)(uintptr_t)task->records,
                                     .records_end = (uint64_t)(uintptr_t)(task->records + depth + 1),
                                     .record_bytes = sizeof task->records[0] };
    return profile->view;
}

enum jr_status jr_profile_add_sample(struct jr_profile *profile, const uint64_t *words, size_t count)
{
    enum jr_status status;
    JR_TRY(JR_VEC_RESERVE(profile->alloc, &profile->words, count + 1));
    profile->words.items[profile->words.count++] = count;
    memcpy(profile->words.items + profile->words.count, words, count * sizeof words[0]);
    profile->words.count += count;
done:
    return status;
}

/* ---- counting ---- */

static void count_step(void *user, const struct jr_function *function, uint32_t pc)
{
    struct jr_profile *profile = user;
    uint32_t index = (uint32_t)(function - profile->session->module->functions);
    if (!profile->counting)
        return;
    struct jr_profile_function *counted = &profile->functions[index];
    /* What comes to the first instruction without a jump has called. */
    counted->calls += pc == 0 && !profile->jumped;
    counted->instructions++;
    counted->counts[pc]++;
    profile->jumped = (jr_op_infos[jr_decode(&function->code[pc]).op].effects & JR_EFFECT_JUMPS) != 0;
}

static void discard_text(void *user, const char *text, size_t length)
{
    (void)user;
    (void)text;
    (void)length;
}

static void discard_line(void *user, const char *line)
{
    (void)user;
    (void)line;
}

static enum jr_status make_tables(struct jr_profile *profile)
{
    const struct jr_module *module = profile->module;
    if (profile->functions != NULL)
        return JR_OK;
    profile->functions = jr_alloc_array(profile->alloc, module->function_count, sizeof *profile->functions);
    if (profile->functions != NULL)
        profile->function_count = module->function_count;
    for (uint32_t i = 0; i < profile->function_count; i++) {
        struct jr_profile_function *function = &profile->functions[i];
        function->code_words = module->functions[i].code_count;
        function->counts = jr_alloc_array(profile->alloc, module->functions[i].code_count, sizeof(uint64_t));
        function->heat = jr_alloc_array(profile->alloc, module->functions[i].code_count, sizeof(uint32_t));
        if (function->counts == NULL || function->heat == NULL)
            return JR_ERR_NO_MEMORY;
    }
    return profile->functions != NULL ? JR_OK : JR_ERR_NO_MEMORY;
}

enum jr_status jr_profile_count(struct jr_profile *profile, const struct jr_session_config *config, const char *path,
                                uint64_t frame_count)
{
    struct jr_session_config counting = *config;
    struct jr_session *measured = profile->session, *session = NULL;
    enum jr_status status;
    JR_TRY(make_tables(profile));
    counting.jit = (struct jr_jit_config){ .mode = JR_JIT_OFF };
    counting.code = NULL;
    counting.step = count_step;
    counting.print = discard_text;
    counting.line = discard_line;
    counting.user = profile;
    JR_TRY(jr_session_create(&counting, &session));
    JR_TRY(jr_session_compile_file(session, path));
    for (size_t i = 0; i < jr_session_control_count(measured); i++) {
        struct jr_session_control control;
        jr_session_get_control(measured, i, &control);
        JR_TRY(jr_session_set_control(session, control.name, control.value));
    }
    if (session->module->function_count != profile->module->function_count) {
        status = JR_ERR_INVALID; /* the file has changed in between */
        goto done;
    }
    profile->session = session;
    status = jr_session_start(session);
    profile->counting = true;
    for (uint64_t done = 0; status == JR_OK && done < frame_count;) {
        size_t now = frame_count - done < BLOCK_FRAMES ? (size_t)(frame_count - done) : BLOCK_FRAMES;
        status = jr_session_process(session, NULL, now, &now);
        done += now;
        profile->counted_frames = done;
    }
    profile->counting = false;
done:
    profile->session = measured;
    jr_session_destroy(session);
    return status;
}

/* ---- addresses ---- */

static bool lies_in(const struct jr_function *function, uint64_t address, uint32_t *at)
{
    uint64_t first = (uint64_t)(uintptr_t)function->code;
    if (address < first || address >= first + function->code_count * sizeof function->code[0])
        return false;
    *at = (uint32_t)((address - first) / sizeof function->code[0]);
    return true;
}

bool jr_profile_find_bytecode(const struct jr_profile *profile, uint64_t address, const struct jr_module **module,
                              uint32_t *function, uint32_t *at)
{
    const struct jr_residual *residual = jr_vm_residual(profile->session->vm);
    *module = profile->module;
    for (*function = 0; *function < profile->module->function_count; (*function)++)
        if (lies_in(&profile->module->functions[*function], address, at))
            return true;
    if (residual == NULL)
        return false;
    *module = residual->module;
    *function = residual->function;
    return lies_in(&residual->module->functions[residual->function], address, at);
}

static const struct jr_profile_piece *find_piece(const struct jr_profile *profile, uint64_t address)
{
    for (size_t i = 0; i < profile->pieces.count; i++)
        if (address - profile->pieces.items[i].address < profile->pieces.items[i].bytes)
            return &profile->pieces.items[i];
    return NULL;
}

static const struct jr_code_line *find_line(const struct jr_profile_piece *piece, uint64_t address)
{
    uint32_t low = 0, high = piece->line_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (piece->lines[middle].address <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low == 0 ? NULL : &piece->lines[low - 1];
}

static enum jr_profile_engine engine_of(const struct jr_profile_piece *piece)
{
    switch (piece->kind[0]) {
    case 'q':
        return JR_PROFILE_IN_QUICK;
    case 'o':
        return JR_PROFILE_IN_OPTIMISED;
    case 'l':
        return JR_PROFILE_IN_LOOP;
    default:
        return JR_PROFILE_IN_BLOCK;
    }
}

/* ---- stacks ---- */

struct stack {
    struct jr_profile_step steps[MOST_STEPS];
    uint32_t count;
    enum jr_profile_engine engine; /* of the innermost step */
    uint32_t residual_at;          /* the same, in the residual function; JR_NONE: not in it */
};

static void add_step(struct stack *stack, uint32_t function, uint32_t at, enum jr_profile_engine engine)
{
    if (stack->count == 0)
        stack->engine = engine;
    if (stack->count < MOST_STEPS)
        stack->steps[stack->count++] = (struct jr_profile_step){ function, at };
}

/* An instruction of any function, with the calls that specialisation has inlined around it. */
static void add_site(struct jr_profile *profile, struct stack *stack, const struct jr_module *module, uint32_t function,
                     uint32_t at, enum jr_profile_engine engine)
{
    struct jr_listing_site site = jr_listing_site(module, function, at);
    const struct jr_caller *callers = module->functions[function].callers;
    if (function >= profile->module->function_count && stack->count == 0)
        stack->residual_at = at;
    if (site.function >= profile->module->function_count) /* the residual function itself: what stands for dsp */
        site.function = profile->module->dsp;
    add_step(stack, site.function, site.at, engine);
    for (uint32_t i = site.caller; i != JR_NONE; i = callers[i].caller)
        add_step(stack, callers[i].function, callers[i].at, engine);
}

static void add_address(struct jr_profile *profile, struct stack *stack, uint64_t address)
{
    const struct jr_profile_piece *piece = find_piece(profile, address);
    if (piece == NULL)
        return; /* C: its time is that of the function that called it */
    const struct jr_code_line *line = find_line(piece, address);
    enum jr_profile_engine engine = engine_of(piece);
    bool known = line != NULL && line->function != JR_NONE;
    if (known)
        add_site(profile, stack, piece->module, line->function, line->at, engine);
    if (!known || line->function != piece->function) /* inlined there, perhaps through others that left no trace */
        add_site(profile, stack, piece->module, piece->function, JR_NONE, engine);
}

static bool is_record(const struct jr_profile *profile, uint64_t address)
{
    const struct jr_profile_view *view = &profile->view;
    return address > view->records && address < view->records_end && (address - view->records) % view->record_bytes == 0;
}

static void note_candidates(struct jr_profile *profile, const uint64_t *words, size_t count)
{
    const struct jr_module *module;
    uint32_t function, at;
    for (size_t i = 0; i < count;) {
        if (words[i] != JR_PROFILE_INTERPRETED) {
            i += 2;
            continue;
        }
        size_t candidates = (size_t)words[i + 1];
        uint64_t oldest = 0; /* the activation's first record, which is there too, and no variable */
        for (size_t k = 0; k < candidates; k++)
            if (is_record(profile, words[i + 2 + k]) && words[i + 2 + k] > oldest)
                oldest = words[i + 2 + k];
        for (size_t k = 0; k < candidates && k < JR_PROFILE_CANDIDATES; k++) {
            uint64_t word = words[i + 2 + k];
            profile->bytecode_hits[k] += word != profile->last_words[k] &&
                                         jr_profile_find_bytecode(profile, word, &module, &function, &at);
            profile->last_words[k] = word;
            profile->record_hits[k] += is_record(profile, words[i + 2 + k]) && words[i + 2 + k] != oldest;
        }
        i += 4 + candidates + (size_t)words[i + 3 + candidates];
    }
}

/* words: a count, candidates; the newest record noted, a count, where callers go on. */
static size_t add_interpreted(struct jr_profile *profile, struct stack *stack, const uint64_t *words)
{
    const struct jr_module *module;
    size_t count = (size_t)words[0], best = count, record = count;
    const uint64_t *caller = words + 3 + count;
    size_t callers = (size_t)words[2 + count];
    uint32_t function, at;
    for (size_t i = 0; i < count && i < JR_PROFILE_CANDIDATES; i++) {
        uint64_t word = words[1 + i];
        if ((best == count || profile->bytecode_hits[i] > profile->bytecode_hits[best]) &&
            jr_profile_find_bytecode(profile, word, &module, &function, &at))
            best = i;
        if (is_record(profile, word) && (record == count || profile->record_hits[i] > profile->record_hits[record]))
            record = i;
    }
    bool calls_compiled = stack->count > 0; /* which runs the function that the pointer has come to */
    if (calls_compiled)
        record = count; /* and the loop has spilled its record */
    else if (best < count && jr_profile_find_bytecode(profile, words[1 + best], &module, &function, &at))
        add_site(profile, stack, module, function, at, JR_PROFILE_IN_INTERPRETER);
    size_t stale = record < count ? (size_t)((words[1 + record] - words[1 + count]) / profile->view.record_bytes) : 0;
    for (size_t i = stale; i < callers; i++) /* both calls are two words long */
        if (jr_profile_find_bytecode(profile, caller[i] - 2 * sizeof(union jr_code), &module, &function, &at))
            add_site(profile, stack, module, function, at, JR_PROFILE_IN_INTERPRETER);
    return 3 + count + callers;
}

static void read_stack(struct jr_profile *profile, const uint64_t *words, size_t count, struct stack *stack)
{
    stack->count = 0;
    stack->residual_at = JR_NONE;
    for (size_t i = 0; i < count;) {
        if (words[i] == JR_PROFILE_INTERPRETED) {
            i += 1 + add_interpreted(profile, stack, words + i + 1);
            continue;
        }
        /* Callers are found by where they go on, which may belong to what comes next. */
        add_address(profile, stack, words[i + 1] - (i > 0));
        i += 2;
    }
}

static bool is_same(const struct jr_profile *profile, const struct jr_profile_stack *seen, const struct stack *stack)
{
    if (seen->count != stack->count)
        return false;
    for (uint32_t i = 0; i < stack->count; i++)
        if (profile->steps.items[seen->first + i].function != stack->steps[i].function)
            return false;
    return true;
}

/* Counts a stack; those that differ only in instructions are one. */
static enum jr_status note_stack(struct jr_profile *profile, const struct stack *stack)
{
    enum jr_status status;
    for (size_t i = 0; i < profile->stacks.count; i++)
        if (is_same(profile, &profile->stacks.items[i], stack)) {
            profile->stacks.items[i].samples++;
            return JR_OK;
        }
    struct jr_profile_stack new = { profile->steps.count, stack->count, 1 };
    for (uint32_t i = 0; i < stack->count; i++)
        JR_TRY(JR_VEC_PUSH(profile->alloc, &profile->steps, stack->steps[i]));
    status = JR_VEC_PUSH(profile->alloc, &profile->stacks, new);
done:
    return status;
}

static void note_functions(struct jr_profile *profile, const struct stack *stack)
{
    const struct jr_profile_step *inner = &stack->steps[0];
    if (stack->count == 0) {
        profile->outside++;
        return;
    }
    struct jr_profile_function *function = &profile->functions[inner->function];
    function->self++;
    function->engines[stack->engine]++;
    if (inner->at != JR_NONE)
        function->heat[inner->at]++;
    if (stack->residual_at != JR_NONE && profile->residual_heat != NULL)
        profile->residual_heat[stack->residual_at]++;
    for (uint32_t i = 0; i < stack->count; i++) {
        bool again = false; /* recursion: once */
        for (uint32_t k = 0; k < i && !again; k++)
            again = stack->steps[k].function == stack->steps[i].function;
        profile->functions[stack->steps[i].function].total += !again;
    }
}

/* ---- compiled code ---- */

/* Shares a piece's bytes and compile time out to the functions whose instructions it stands for. */
static void share_piece(struct jr_profile *profile, const struct jr_profile_piece *piece)
{
    uint64_t end = piece->address + piece->bytes;
    bool is_block = engine_of(piece) == JR_PROFILE_IN_BLOCK;
    for (uint32_t i = 0; i < piece->line_count; i++) {
        const struct jr_code_line *line = &piece->lines[i];
        uint64_t next = i + 1 < piece->line_count ? piece->lines[i + 1].address : end;
        if (line->function == JR_NONE || next > end || next < line->address)
            continue;
        struct jr_listing_site site = jr_listing_site(piece->module, line->function, line->at);
        uint32_t owner = site.function < profile->module->function_count ? site.function : profile->module->dsp;
        struct jr_profile_function *function = &profile->functions[owner];
        double bytes = (double)(next - line->address);
        function->bytes += bytes;
        function->seconds += piece->seconds * bytes / (double)piece->bytes;
        function->in_block = function->in_block || is_block;
    }
}

static const char *why_not(const struct jr_profile *profile, uint32_t index)
{
    const struct jr_profile_function *function = &profile->functions[index];
    struct jr_session *session = profile->session;
    if (session->jit == NULL)
        return "the compiler is off";
    const char *refusal = jr_jit_refusal(session->jit, index);
    if (refusal != NULL)
        return refusal;
    if (function->bytes > 0.0)
        return "";
    if (index == profile->module->init)
        return "runs once";
    if (session->specialised && function->total == 0)
        return "specialisation has left nothing of it";
    return function->total > 0 || function->calls > 0 ? "not called often enough, or compiling had not ended" : "";
}

enum jr_status jr_profile_finish(struct jr_profile *profile, double seconds)
{
    struct jr_session *session = profile->session;
    const struct jr_residual *residual = jr_vm_residual(session->vm);
    struct stack *stack = jr_alloc_new(profile->alloc, sizeof *stack);
    enum jr_status status = stack != NULL ? make_tables(profile) : JR_ERR_NO_MEMORY;
    if (session->jit != NULL)
        jr_jit_drain(session->jit);
    profile->seconds = seconds;
    profile->frames = jr_vm_frame(session->vm);
    if (status == JR_OK && residual != NULL)
        profile->residual_words = residual->module->functions[residual->function].code_count;
    if (profile->residual_words > 0)
        profile->residual_heat = jr_alloc_array(profile->alloc, profile->residual_words, sizeof(uint32_t));
    for (size_t i = 0; i < profile->words.count; i += (size_t)profile->words.items[i] + 1)
        note_candidates(profile, profile->words.items + i + 1, (size_t)profile->words.items[i]);
    for (size_t i = 0; status == JR_OK && i < profile->words.count; i += (size_t)profile->words.items[i] + 1) {
        read_stack(profile, profile->words.items + i + 1, (size_t)profile->words.items[i], stack);
        note_functions(profile, stack);
        status = note_stack(profile, stack);
        profile->sample_count++;
    }
    for (size_t i = 0; status == JR_OK && i < profile->pieces.count; i++)
        share_piece(profile, &profile->pieces.items[i]);
    for (uint32_t i = 0; status == JR_OK && i < profile->module->function_count; i++)
        profile->functions[i].why = why_not(profile, i);
    jr_alloc_free(profile->alloc, stack, sizeof *stack);
    return status;
}
