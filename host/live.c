/* live.c -- versions of a program and the way from one to the next.
 *
 * One pointer leads from the editor to the audio side (`offered`) and one list back (`ended`).  Whoever has exchanged a pointer for NULL has what it
 * led to for itself, so there is nothing to lock. */
#include "host/live.h"

#include <stdatomic.h>
#include <string.h>

#include "host/session_internal.h"
#include "ir/base/alloc.h"
#include "ir/base/assert.h"
#include "ir/base/sb.h"
#include "ir/base/vec.h"
#include "runtime/vm.h"

enum {
    PIECE_FRAMES = 256, /* rendered at a time when channels differ or versions are mixed */
    MOST_SETTINGS = 256,
    NAME_BYTES = 96,
};

struct version {
    struct jr_session *session;
    uint64_t number;
    uint32_t inputs, outputs;
    double *scratch; /* PIECE_FRAMES of its outputs, then of its inputs */
    bool busy;       /* editor: offered or sounding, or not yet known to have ended */
    /* audio, until the list of ended swaps or `failed` says otherwise */
    atomic_bool failed;
    bool failure_told; /* editor */
    uint64_t failed_frame;
};

/* The control `from` of the old version is the control `to` of the new one. */
struct control_pair {
    uint32_t from, to;
};

struct swap {
    struct version *from, *to;      /* from: NULL for the first */
    struct jr_migration *migration; /* NULL if there is nothing to migrate from */
    JR_VEC(struct control_pair) controls;
    bool undoing; /* editor: `to` existed before */
    uint64_t frame;
    uint64_t from_number, to_number; /* the versions may be gone when the swap is told */
    struct swap *next;
};

struct setting {
    char name[NAME_BYTES];
    double value;
    uint64_t frame; /* written by the audio side: when it was set */
};

struct jr_live {
    struct jr_live_config config;
    const struct jr_alloc *alloc;
    uint32_t channels;

    /* editor */
    JR_VEC(struct version *) versions; /* in the order of undo */
    JR_VEC(struct version *) retired;  /* out of reach, to be freed when they have ended */
    size_t position;                   /* of the one that was offered last, whether it was taken or not */
    struct version *failed_edit;       /* the last prepare, if it failed */
    struct version *edited;
    struct swap *finished, **finished_end; /* to be told */
    uint64_t numbers;
    size_t alive;

    /* both */
    _Atomic(struct swap *) offered;
    _Atomic(struct swap *) ended; /* newest first */
    _Atomic uint64_t frame;
    struct setting settings[MOST_SETTINGS]; /* ring */
    _Atomic uint32_t settings_written, settings_read;
    uint32_t settings_told; /* editor */
    char told_name[NAME_BYTES];

    /* audio */
    struct version *sounding;
    struct swap *fading; /* its `from` still sounds */
    uint32_t faded;      /* frames of the fade that are over */
};

/* ---- versions and swaps ---- */

static size_t scratch_bytes(const struct version *version)
{
    return (size_t)PIECE_FRAMES * (version->outputs + version->inputs + 1) * sizeof(double);
}

static void destroy_version(struct jr_live *live, struct version *version)
{
    if (version == NULL)
        return;
    if (live->edited == version)
        live->edited = NULL;
    jr_alloc_free(live->alloc, version->scratch, scratch_bytes(version));
    jr_session_destroy(version->session);
    jr_alloc_free(live->alloc, version, sizeof *version);
    live->alive--;
}

static void destroy_swap(struct jr_live *live, struct swap *swap)
{
    if (swap == NULL)
        return;
    jr_migration_destroy(swap->migration);
    JR_VEC_FREE(live->alloc, &swap->controls);
    jr_alloc_free(live->alloc, swap, sizeof *swap);
}

enum jr_status jr_live_create(const struct jr_live_config *config, struct jr_live **out)
{
    const struct jr_alloc *alloc = config->session.alloc ? config->session.alloc : jr_alloc_default();
    struct jr_live *live = jr_alloc_new(alloc, sizeof *live);
    *out = live;
    if (live == NULL)
        return JR_ERR_NO_MEMORY;
    live->config = *config;
    live->alloc = alloc;
    live->channels = config->output_channels;
    live->finished_end = &live->finished;
    return JR_OK;
}

static void destroy_list(struct jr_live *live, struct swap *swap)
{
    while (swap) {
        struct swap *next = swap->next;
        destroy_swap(live, swap);
        swap = next;
    }
}

void jr_live_destroy(struct jr_live *live)
{
    if (live == NULL)
        return;
    destroy_list(live, live->finished);
    destroy_list(live, atomic_load(&live->ended));
    destroy_swap(live, atomic_load(&live->offered));
    destroy_swap(live, live->fading);
    for (size_t i = 0; i < live->versions.count; i++)
        destroy_version(live, live->versions.items[i]);
    for (size_t i = 0; i < live->retired.count; i++)
        destroy_version(live, live->retired.items[i]);
    destroy_version(live, live->failed_edit);
    JR_VEC_FREE(live->alloc, &live->versions);
    JR_VEC_FREE(live->alloc, &live->retired);
    jr_alloc_free(live->alloc, live, sizeof *live);
}

/* ---- editor ---- */

/* Takes up what the audio side has handed back, oldest first. */
static void settle(struct jr_live *live)
{
    struct swap *newest = atomic_exchange_explicit(&live->ended, NULL, memory_order_acquire), *oldest = NULL;
    while (newest) {
        struct swap *next = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = next;
    }
    for (struct swap *swap = oldest; swap; swap = swap->next) {
        if (swap->from)
            swap->from->busy = false;
        *live->finished_end = swap;
        live->finished_end = &swap->next;
    }
}

/* Frees what nothing can go back to any more, once it has ended. */
static void retire(struct jr_live *live)
{
    size_t history = live->config.history, most = live->position > history ? live->position - history : 0,
           count = 0, kept = 0;
    /* One that sounds may have to stay, if what is on offer is withdrawn. */
    while (count < most && !live->versions.items[count]->busy)
        count++;
    if (count > 0 &&
        JR_VEC_RESERVE(live->alloc, &live->retired, count) == JR_OK) { /* else at the next occasion */
        for (size_t i = 0; i < count; i++)
            live->retired.items[live->retired.count++] = live->versions.items[i];
        live->versions.count -= count;
        memmove(live->versions.items, live->versions.items + count,
                live->versions.count * sizeof live->versions.items[0]);
        live->position -= count;
    }
    for (size_t i = 0; i < live->retired.count; i++) {
        if (live->retired.items[i]->busy)
            live->retired.items[kept++] = live->retired.items[i];
        else
            destroy_version(live, live->retired.items[i]);
    }
    live->retired.count = kept;
}

/* Nothing is on offer any more; afterwards versions[position] is what sounds or will. */
static void withdraw(struct jr_live *live)
{
    struct swap *swap = atomic_exchange_explicit(&live->offered, NULL, memory_order_acquire);
    if (swap == NULL)
        return;
    swap->to->busy = false;
    for (size_t i = 0; i < live->versions.count; i++)
        if (live->versions.items[i] == swap->from)
            live->position = i;
    if (!swap->undoing) {
        live->versions.count--; /* it was the last one */
        destroy_version(live, swap->to);
    }
    destroy_swap(live, swap);
}

/* Those versions that were undone cannot come back once there is a new one.  There is room for them among the retired. */
static void forget_undone(struct jr_live *live)
{
    size_t kept = live->versions.count ? live->position + 1 : 0;
    for (size_t i = kept; i < live->versions.count; i++)
        live->retired.items[live->retired.count++] = live->versions.items[i];
    live->versions.count = kept;
}

static enum jr_status pair_controls(struct jr_live *live, struct swap *swap)
{
    const struct jr_controls *from = &swap->from->session->controls, *to = &swap->to->session->controls;
    for (uint32_t i = 0; i < to->count; i++) {
        const struct jr_control *old = jr_controls_find(from, to->items[i].name);
        struct control_pair pair = { old ? (uint32_t)(old - from->items) : 0, i };
        if (old && JR_VEC_PUSH(live->alloc, &swap->controls, pair) != JR_OK)
            return JR_ERR_NO_MEMORY;
    }
    return JR_OK;
}

static enum jr_status make_swap(struct jr_live *live, struct version *from, struct version *to,
                                struct swap **out)
{
    struct swap *swap = jr_alloc_new(live->alloc, sizeof *swap);
    enum jr_status status = JR_OK;
    *out = NULL;
    if (swap == NULL)
        return JR_ERR_NO_MEMORY;
    swap->from = from, swap->to = to;
    swap->to_number = to->number;
    if (from) {
        swap->from_number = from->number;
        JR_TRY(jr_migration_create(live->alloc, jr_session_spots(from->session),
                                   jr_session_spots(to->session), &swap->migration));
        JR_TRY(pair_controls(live, swap));
    }
    *out = swap, swap = NULL;
done:
    destroy_swap(live, swap);
    return status;
}

static void offer(struct jr_live *live, struct swap *swap)
{
    swap->to->busy = true;
    atomic_store_explicit(&live->offered, swap, memory_order_release);
}

/* Everything of a version that takes time. */
static enum jr_status bring_up(struct version *version)
{
    struct jr_session *session = version->session;
    enum jr_status status = jr_session_start(session);
    if (status == JR_OK)
        status = jr_session_find_spots(session);
    if (status == JR_ERR_NO_MEMORY)
        return jr_session_fail(session, status, "cannot start: %s", jr_status_text(status));
    return status;
}

static enum jr_status size_version(struct jr_live *live, struct version *version)
{
    const struct jr_module *module = version->session->module;
    version->outputs = module->output_channels;
    version->inputs = module->input_channels;
    version->scratch = jr_alloc_new(live->alloc, scratch_bytes(version));
    if (version->scratch == NULL)
        return jr_session_fail(version->session, JR_ERR_NO_MEMORY, "%s", jr_status_text(JR_ERR_NO_MEMORY));
    return JR_OK;
}

/* A compiled session becomes the next version. */
static enum jr_status add_version(struct jr_live *live, struct version *version)
{
    struct swap *swap;
    enum jr_status status;
    settle(live);
    withdraw(live);
    struct version *from = live->versions.count ? live->versions.items[live->position] : NULL;
    if (JR_VEC_RESERVE(live->alloc, &live->versions, 1) != JR_OK ||
        JR_VEC_RESERVE(live->alloc, &live->retired, live->versions.count + 1) != JR_OK)
        return JR_ERR_NO_MEMORY;
    status = make_swap(live, from, version, &swap);
    if (status != JR_OK)
        return status;
    forget_undone(live);
    live->versions.items[live->versions.count++] = version;
    live->position = live->versions.count - 1;
    version->number = ++live->numbers;
    if (live->channels == 0)
        live->channels =
            version->outputs > live->config.least_channels ? version->outputs : live->config.least_channels;
    swap->to_number = version->number;
    offer(live, swap);
    retire(live);
    return JR_OK;
}

static enum jr_status new_version(struct jr_live *live, struct version **out)
{
    struct version *version = jr_alloc_new(live->alloc, sizeof *version);
    enum jr_status status;
    *out = NULL;
    destroy_version(live, live->failed_edit);
    live->failed_edit = NULL;
    if (version == NULL)
        return JR_ERR_NO_MEMORY;
    live->alive++;
    status = jr_session_create(&live->config.session, &version->session);
    if (status != JR_OK) {
        destroy_version(live, version);
        return status;
    }
    *out = live->edited = version;
    return JR_OK;
}

/* What was compiled with `status` is brought up and offered, or kept for its diagnostics. */
static enum jr_status finish_version(struct jr_live *live, struct version *version, enum jr_status status)
{
    if (status == JR_OK)
        status = bring_up(version);
    if (status == JR_OK)
        status = size_version(live, version);
    if (status == JR_OK) {
        status = add_version(live, version);
        if (status != JR_OK)
            jr_session_fail(version->session, status, "cannot take over: %s", jr_status_text(status));
    }
    if (status != JR_OK)
        live->failed_edit = version;
    return status;
}

enum jr_status jr_live_prepare_file(struct jr_live *live, const char *path)
{
    struct version *version;
    enum jr_status status = new_version(live, &version);
    if (status != JR_OK)
        return status;
    return finish_version(live, version, jr_session_compile_file(version->session, path));
}

enum jr_status jr_live_prepare_text(struct jr_live *live, enum jr_language language, const char *name,
                                    const char *text, size_t length)
{
    struct version *version;
    enum jr_status status = new_version(live, &version);
    if (status != JR_OK)
        return status;
    return finish_version(live, version,
                          jr_session_compile_text(version->session, language, name, text, length));
}

struct jr_session *jr_live_edited(struct jr_live *live)
{
    return live->edited ? live->edited->session : NULL;
}

/* Offers versions[target], which has sounded before. */
static enum jr_status go_to(struct jr_live *live, bool back)
{
    struct swap *swap;
    enum jr_status status;
    settle(live);
    if (back ? !jr_live_can_undo(live) : !jr_live_can_redo(live))
        return JR_ERR_NOT_FOUND;
    size_t wanted = back ? live->position - 1 : live->position + 1;
    struct version *target = live->versions.items[wanted];
    uint64_t number = target->number;
    withdraw(live);
    /* What was withdrawn may have been the very step that is to be taken back, or the version that was wanted. */
    if (live->position < live->versions.count && live->versions.items[live->position]->number == number)
        return JR_OK;
    for (wanted = 0; wanted < live->versions.count && live->versions.items[wanted]->number != number;)
        wanted++;
    if (wanted == live->versions.count)
        return JR_ERR_NOT_FOUND;
    if (target->busy)
        return JR_ERR_UNSUPPORTED;
    status = make_swap(live, live->versions.items[live->position], target, &swap);
    if (status != JR_OK)
        return status;
    swap->undoing = true;
    live->position = wanted;
    offer(live, swap);
    return JR_OK;
}

enum jr_status jr_live_undo(struct jr_live *live)
{
    return go_to(live, true);
}

enum jr_status jr_live_redo(struct jr_live *live)
{
    return go_to(live, false);
}

bool jr_live_can_undo(const struct jr_live *live)
{
    return live->position > 0 && live->config.history > 0;
}

bool jr_live_can_redo(const struct jr_live *live)
{
    return live->position + 1 < live->versions.count;
}

static bool collect_failure(struct jr_live *live, struct jr_live_event *event, struct jr_sb *text)
{
    for (size_t i = 0; i < live->versions.count; i++) {
        struct version *version = live->versions.items[i];
        if (version->failure_told || !atomic_load_explicit(&version->failed, memory_order_acquire))
            continue;
        version->failure_told = true;
        jr_session_diagnose_run(version->session);
        if (text)
            jr_session_report(version->session, false, false, text);
        *event = (struct jr_live_event){ .kind = JR_LIVE_FAILED,
                                         .version = version->number,
                                         .frame = version->failed_frame };
        return true;
    }
    return false;
}

static bool collect_setting(struct jr_live *live, struct jr_live_event *event)
{
    uint32_t read = atomic_load_explicit(&live->settings_read, memory_order_acquire);
    const struct setting *setting = &live->settings[live->settings_told % MOST_SETTINGS];
    if (live->settings_told == read || (live->finished && live->finished->frame <= setting->frame))
        return false;
    memcpy(live->told_name, setting->name, NAME_BYTES); /* its place may be written to again */
    *event = (struct jr_live_event){
        .kind = JR_LIVE_SET, .frame = setting->frame, .control = live->told_name, .value = setting->value
    };
    live->settings_told++;
    return true;
}

bool jr_live_collect(struct jr_live *live, struct jr_live_event *event, struct jr_sb *text,
                     struct jr_sb *details)
{
    settle(live);
    if (collect_setting(live, event))
        return true;
    struct swap *swap = live->finished;
    if (swap == NULL) {
        bool found = collect_failure(live, event, text);
        if (!found)
            retire(live);
        return found;
    }
    *event = (struct jr_live_event){
        .kind = JR_LIVE_SWAPPED, .version = swap->to_number, .before = swap->from_number, .frame = swap->frame
    };
    if (swap->migration) {
        jr_migration_get_report(swap->migration, &event->report);
        if (text)
            jr_migration_describe(swap->migration, text);
        if (details)
            jr_migration_details(swap->migration, details);
    }
    live->finished = swap->next;
    if (live->finished == NULL)
        live->finished_end = &live->finished;
    destroy_swap(live, swap);
    retire(live);
    return true;
}

enum jr_status jr_live_set_control(struct jr_live *live, const char *name, double value)
{
    uint32_t written = atomic_load_explicit(&live->settings_written, memory_order_relaxed);
    size_t length = strlen(name);
    if (live->versions.count == 0 ||
        jr_controls_find(&live->versions.items[live->position]->session->controls, name) == NULL)
        return JR_ERR_NOT_FOUND;
    if (length >= NAME_BYTES || written - live->settings_told == MOST_SETTINGS)
        return JR_ERR_LIMIT;
    struct setting *setting = &live->settings[written % MOST_SETTINGS];
    memcpy(setting->name, name, length + 1);
    setting->value = value;
    atomic_store_explicit(&live->settings_written, written + 1, memory_order_release);
    return JR_OK;
}

void jr_live_stand_in(struct jr_live *live, const struct jr_named_text *texts, uint32_t count)
{
    live->config.session.texts = texts;
    live->config.session.text_count = count;
}

uint64_t jr_live_offered(const struct jr_live *live)
{
    return live->versions.count ? live->versions.items[live->position]->number : 0;
}

const struct jr_session *jr_live_session(const struct jr_live *live, uint64_t version)
{
    for (size_t i = 0; i < live->versions.count; i++)
        if (live->versions.items[i]->number == version)
            return live->versions.items[i]->session;
    return NULL;
}

uint32_t jr_live_channels(const struct jr_live *live)
{
    return live->channels;
}

size_t jr_live_version_count(const struct jr_live *live)
{
    return live->alive;
}

uint64_t jr_live_frame(const struct jr_live *live)
{
    return atomic_load_explicit(&live->frame, memory_order_relaxed);
}

/* ---- audio ---- */

static void take_settings(struct jr_live *live)
{
    uint32_t written = atomic_load_explicit(&live->settings_written, memory_order_acquire);
    uint32_t read = atomic_load_explicit(&live->settings_read, memory_order_relaxed);
    if (live->sounding == NULL)
        return;
    for (; read != written; read++) {
        struct setting *setting = &live->settings[read % MOST_SETTINGS];
        setting->frame = jr_live_frame(live);
        struct jr_control *control = jr_controls_find(&live->sounding->session->controls, setting->name);
        if (control)
            control->value = setting->value;
    }
    atomic_store_explicit(&live->settings_read, read, memory_order_release);
}

/* Hands a swap whose old version has ended back to the editor. */
static void end_swap(struct jr_live *live, struct swap *swap)
{
    swap->next = atomic_load_explicit(&live->ended, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(&live->ended, &swap->next, swap, memory_order_release,
                                                  memory_order_relaxed)) {
    }
}

static void take_over(struct jr_live *live)
{
    struct swap *swap;
    if (live->fading)
        return;
    swap = atomic_exchange_explicit(&live->offered, NULL, memory_order_acquire);
    if (swap == NULL)
        return;
    swap->frame = atomic_load_explicit(&live->frame, memory_order_relaxed);
    if (swap->migration)
        jr_migration_run(swap->migration);
    for (size_t i = 0; i < swap->controls.count; i++) {
        const struct jr_control *from = &swap->from->session->controls.items[swap->controls.items[i].from];
        struct jr_control *to = &swap->to->session->controls.items[swap->controls.items[i].to];
        if (from->value != from->initial) /* the host has set it; otherwise an edited initial value counts */
            to->value = from->value;
    }
    jr_vm_set_frame(swap->to->session->vm, swap->frame); /* also after silence */
    live->sounding = swap->to;
    if (swap->from && live->config.fade_frames > 0 &&
        !atomic_load_explicit(&swap->from->failed, memory_order_relaxed)) {
        live->fading = swap;
        live->faded = 0;
    } else {
        end_swap(live, swap);
    }
}

static void render(struct jr_live *live, struct version *version, const double *in, size_t frames,
                   double *out)
{
    struct jr_vm *vm = version->session->vm;
    uint32_t given = live->config.input_channels;
    double *mapped = version->scratch + (size_t)PIECE_FRAMES * version->outputs;
    size_t done = 0;
    if (in == NULL || given == 0) {
        in = NULL;
    } else if (given != version->inputs) {
        for (size_t f = 0; f < frames; f++)
            for (uint32_t c = 0; c < version->inputs; c++)
                mapped[f * version->inputs + c] = given == 1 && version->inputs == 2 ? in[f]
                                                  : c < given                        ? in[f * given + c]
                                                                                     : 0.0;
        in = mapped;
    }
    if (!atomic_load_explicit(&version->failed, memory_order_relaxed)) {
        uint64_t first = jr_vm_frame(vm);
        enum jr_status status;
        if (version->session->module->dsp == JR_NONE) {
            status = jr_vm_run_tasks_until(vm, first + frames - 1);
            jr_vm_set_frame(vm, first + frames);
        } else {
            status = jr_vm_process(vm, in, out, frames);
            done = (size_t)(jr_vm_frame(vm) - first);
        }
        if (status != JR_OK) {
            version->failed_frame = first + done;
            atomic_store_explicit(&version->failed, true, memory_order_release);
        }
    }
    if (version->outputs > 0)
        memset(out + done * version->outputs, 0, (frames - done) * version->outputs * sizeof out[0]);
}

/* The channel `c` of `channels` that hear a frame of a program with `count`. */
static double hear(const double *frame, uint32_t count, uint32_t c, uint32_t channels)
{
    return count == 1 && channels == 2 ? frame[0] : c < count ? frame[c] : 0.0;
}

/* A piece of at most PIECE_FRAMES frames. */
static void render_piece(struct jr_live *live, const double *in, double *out, size_t frames)
{
    struct version *now = live->sounding, *before = live->fading ? live->fading->from : NULL;
    uint32_t channels = live->channels;
    if (before == NULL && out != NULL && now->outputs == channels) {
        render(live, now, in, frames, out);
        return;
    }
    render(live, now, in, frames, now->scratch);
    if (before)
        render(live, before, in, frames, before->scratch);
    for (size_t f = 0; out && f < frames; f++) {
        double share = (double)(live->faded + f + 1) / (live->config.fade_frames + 1.0);
        for (uint32_t c = 0; c < channels; c++) {
            double sample = hear(now->scratch + f * now->outputs, now->outputs, c, channels);
            double old =
                before ? hear(before->scratch + f * before->outputs, before->outputs, c, channels) : sample;
            out[f * channels + c] = before ? old + (sample - old) * share : sample;
        }
    }
    if (before)
        live->faded += (uint32_t)frames;
}

void jr_live_process(struct jr_live *live, const double *in, double *out, size_t frames)
{
    take_over(live);
    take_settings(live);
    while (frames > 0) {
        size_t count = frames < PIECE_FRAMES ? frames : PIECE_FRAMES;
        if (live->fading && count > live->config.fade_frames - live->faded)
            count = live->config.fade_frames - live->faded;
        if (live->sounding)
            render_piece(live, in, out, count);
        else if (out && live->channels > 0)
            memset(out, 0, count * live->channels * sizeof out[0]);
        atomic_store_explicit(&live->frame, jr_live_frame(live) + count, memory_order_relaxed);
        in = in ? in + count * live->config.input_channels : NULL;
        out = out ? out + count * live->channels : NULL;
        frames -= count;
        if (live->fading && live->faded == live->config.fade_frames) {
            end_swap(live, live->fading);
            live->fading = NULL;
        }
    }
}
