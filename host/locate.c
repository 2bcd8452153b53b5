/* locate.c -- where a difference between the engines comes from.
 *
 * Three steps, each a new run, for differences are rare and runs repeat exactly.  First, frame by frame, the earliest frame
 * after which the programs hold different words.  Second, that frame in the interpreter with every instruction noted that
 * computes a word from words.  Third, each of these alone, with the same operands, interpreted and compiled: the first
 * whose results differ is the cause.  If none differs alone (an optimisation across instructions is at fault), the variable or
 * stateful expression that came to differ is named. */
#include <stdio.h>
#include <string.h>

#include "host/compare_internal.h"
#include "interp/interp.h"
#include "ir/base/alloc.h"
#include "ir/base/vec.h"
#include "ir/builder.h"
#include "ir/verify.h"
#include "runtime/vm.h"

/* ---- the frame ---- */

/* Runs both until they hold different words; *frame is then the frame that did it, 0 with *in_init for the global code. */
static enum jr_status find_frame(struct jr_pair *pair, uint64_t last, uint64_t *frame, bool *in_init,
                                 struct jr_memory_difference *memory)
{
    enum jr_status status = jr_pair_compare_memory(pair, memory);
    *frame = 0;
    *in_init = status == JR_OK && (memory->found || pair->status[0] != pair->status[1]);
    if (*in_init || pair->sessions[0]->module->dsp == JR_NONE)
        return status;
    for (; status == JR_OK && *frame <= last; ++*frame) {
        size_t done;
        for (int i = 0; i < 2; i++)
            pair->status[i] = jr_session_process(pair->sessions[i], NULL, 1, &done);
        status = jr_pair_compare_memory(pair, memory);
        if (memory->found || pair->status[0] != JR_OK || pair->status[1] != JR_OK)
            break;
    }
    if (*frame > last)
        *frame = last;
    return status;
}

/* ---- what ran in it ---- */

/* An instruction that computed r[A] from r[B] and r[C] alone. */
struct note {
    uint32_t function, pc, op;
    uint64_t operands[2];
};
JR_VEC_OF(notes, struct note);

enum { NOTES_MOST = 1 << 20 };

struct recorder {
    const struct jr_alloc *alloc;
    struct jr_vm *vm;
    bool recording;
    struct notes notes;
};

/* Needs nothing but its operand registers and writes nothing but its result. */
static bool is_pure(const struct jr_op_info *info)
{
    return info->format == JR_FORMAT_ABC && info->effects == JR_EFFECT_NONE && info->a == JR_OPERAND_D &&
           info->b == JR_OPERAND_S && (info->c == JR_OPERAND_S || info->c == JR_OPERAND__);
}

static void record(void *user, const struct jr_function *function, uint32_t pc, const uint64_t *frame)
{
    struct recorder *recorder = user;
    struct jr_instr in;
    struct note note;
    if (!recorder->recording || recorder->notes.count >= NOTES_MOST)
        return;
    in = jr_decode(&function->code[pc]);
    if (!is_pure(&jr_op_infos[in.op]))
        return;
    note = (struct note){
        (uint32_t)(function - jr_vm_module(recorder->vm)->functions), pc, in.op, { frame[in.b], frame[in.c] }
    };
    /* Without memory the list stays shorter: the search then finds less, never something wrong. */
    (void)JR_VEC_PUSH(recorder->alloc, &recorder->notes, note);
}

/* The script has printed already. */
static void discard_print(void *user, const char *bytes, size_t size)
{
    (void)user, (void)bytes, (void)size;
}

/* Fills recorder->notes with what frame `frame`, or the global code, runs. */
static enum jr_status record_frame(struct jr_session *session, struct recorder *recorder, uint64_t frame,
                                   bool in_init)
{
    struct jr_vm_config config = { .alloc = session->alloc,
                                   .sample_rate = session->config.sample_rate,
                                   .entry = jr_interp_entry,
                                   .resume = jr_interp_resume,
                                   .print = discard_print,
                                   .trace = record,
                                   .user = recorder };
    enum jr_status status;
    recorder->alloc = session->alloc;
    recorder->recording = in_init;
    JR_TRY(jr_vm_create(&config, session->module, &recorder->vm));
    JR_TRY(jr_session_link(session, recorder->vm, NULL, 0));
    status = jr_vm_run_init(recorder->vm);
    if (status == JR_OK && !in_init)
        status = jr_vm_process(recorder->vm, NULL, NULL, (size_t)frame);
    recorder->recording = true;
    if (status == JR_OK && !in_init)
        jr_vm_process(recorder->vm, NULL, NULL, 1);
    status = JR_OK; /* an error of the script is no error of the search */
done:
    jr_vm_destroy(recorder->vm);
    recorder->vm = NULL;
    return status;
}

/* ---- each alone ---- */

/* One instruction as a program, in both engines: f(b, c) = b op c. */
struct trial {
    struct jr_module *module;
    struct jr_vm *vms[2];
    struct jr_jit *jit;
};

static enum jr_status build_trial(const struct jr_alloc *alloc, uint32_t op, struct jr_module **out)
{
    struct jr_builder *b = NULL;
    struct jr_place nowhere = { .file = JR_NONE };
    struct jr_verify_report report;
    enum jr_status status;
    uint32_t function;
    JR_TRY(jr_builder_create(alloc, "trial", &b));
    function = jr_builder_function(
        b, "trial", jr_builder_signature(b, jr_builder_layout_raw(b, 2), jr_builder_layout_raw(b, 1)),
        jr_builder_layout_raw(b, 0), nowhere);
    jr_builder_abc(b, function, (enum jr_op)op, 2, 0, jr_op_infos[op].c == JR_OPERAND_S ? 1 : 0);
    jr_builder_abc(b, function, JR_OP_RETURN, 2, 0, 0);
    jr_builder_set_entry(b, JR_NONE, JR_NONE);
    JR_TRY(jr_builder_finish(b, out, NULL, 0));
    JR_TRY(jr_verify(*out, alloc, &report));
done:
    jr_builder_destroy(b);
    return status;
}

static void close_trial(struct trial *trial)
{
    jr_jit_destroy(trial->jit);
    jr_vm_destroy(trial->vms[0]);
    jr_vm_destroy(trial->vms[1]);
    jr_module_destroy(trial->module);
}

static enum jr_status open_trial(const struct jr_alloc *alloc, uint32_t op, struct trial *trial)
{
    struct jr_vm_config config = { .alloc = alloc, .entry = jr_interp_entry, .resume = jr_interp_resume };
    struct jr_jit_config jit = { .mode = JR_JIT_EAGER };
    enum jr_status status;
    *trial = (struct trial){ 0 };
    JR_TRY(build_trial(alloc, op, &trial->module));
    for (int i = 0; i < 2; i++) {
        JR_TRY(jr_vm_create(&config, trial->module, &trial->vms[i]));
        JR_TRY(jr_vm_link(trial->vms[i], NULL, 0, NULL, 0));
    }
    JR_TRY(jr_jit_create(alloc, trial->vms[1], &jit, &trial->jit));
    JR_TRY(jr_jit_compile_all(trial->jit));
done:
    return status;
}

/* Goes through the notes in the order of execution; *found is the first whose results differ, NULL if there is none.
 * One trial serves all notes of its opcode, so the search goes opcode by opcode and keeps the earliest find. */
static enum jr_status try_notes(const struct jr_alloc *alloc, const struct notes *notes,
                                const struct note **found, uint64_t results[2])
{
    bool used[JR_OP_COUNT] = { false };
    size_t first = notes->count;
    enum jr_status status = JR_OK;
    *found = NULL;
    for (size_t i = 0; i < notes->count; i++)
        used[notes->items[i].op] = true;
    for (uint32_t op = 0; op < JR_OP_COUNT && status == JR_OK; op++) {
        struct trial trial;
        if (!used[op])
            continue;
        status = open_trial(alloc, op, &trial);
        for (size_t i = 0; i < first && status == JR_OK; i++) {
            uint64_t words[2] = { 0, 0 };
            if (notes->items[i].op != op)
                continue;
            for (int engine = 0; engine < 2 && status == JR_OK; engine++)
                status = jr_vm_call(trial.vms[engine], 0, notes->items[i].operands, &words[engine]);
            if (words[0] != words[1]) {
                first = i;
                *found = &notes->items[i];
                memcpy(results, words, sizeof words);
            }
        }
        close_trial(&trial);
    }
    return status;
}

/* ---- the words ---- */

static void put_place(const struct jr_module *module, struct jr_place place, char *text, size_t size)
{
    if (place.file == JR_NONE || place.line == 0)
        snprintf(text, size, "unknown place");
    else
        snprintf(text, size, "%.180s:%u:%u", module->files[place.file], place.line, place.column);
}

static void describe(const struct jr_module *module, const struct note *cause, const uint64_t results[2],
                     const struct jr_memory_difference *memory, struct jr_compare_result *result)
{
    char place[256], texts[2][400];
    const uint64_t *words = cause ? results : memory->words;
    jr_compare_put_word(words[0], texts[0]);
    jr_compare_put_word(words[1], texts[1]);
    if (cause) {
        const struct jr_function *function = &module->functions[cause->function];
        put_place(module, jr_function_place(function, cause->pc), place, sizeof place);
        snprintf(result->where, sizeof result->where, "%s: %s in %.60s: %.60s interpreted, %.60s compiled",
                 place, jr_op_infos[cause->op].mnemonic, function->name, texts[0], texts[1]);
    } else if (memory->found) {
        put_place(module, memory->place, place, sizeof place);
        snprintf(result->where, sizeof result->where,
                 "%s: %.70s: %.60s interpreted, %.60s compiled; no instruction differs when run alone", place,
                 memory->name, texts[0], texts[1]);
    } else {
        uint32_t function = module->dsp != JR_NONE ? module->dsp : module->init;
        put_place(module, module->functions[function].place, place, sizeof place);
        snprintf(result->where, sizeof result->where,
                 "%s: return of %.60s; no instruction differs when run alone, and no state differs", place,
                 module->functions[function].name);
    }
}

enum jr_status jr_locate(const struct jr_session_config *config, const char *path, uint64_t frame,
                         struct jr_compare_result *result)
{
    struct jr_pair pair;
    struct jr_memory_difference memory = { 0 };
    struct recorder recorder = { 0 };
    const struct note *cause = NULL;
    uint64_t results[2] = { 0, 0 }, first = 0;
    bool in_init = false;
    enum jr_status status;

    JR_TRY(jr_pair_open(&pair, config, path));
    JR_TRY(find_frame(&pair, frame, &first, &in_init, &memory));
    JR_TRY(record_frame(pair.sessions[0], &recorder, first, in_init));
    JR_TRY(try_notes(pair.sessions[0]->alloc, &recorder.notes, &cause, results));
    describe(pair.sessions[0]->module, cause, results, &memory, result);
done:
    if (pair.sessions[0])
        JR_VEC_FREE(pair.sessions[0]->alloc, &recorder.notes);
    jr_pair_close(&pair);
    return status;
}
