/* host.c -- functions of the host: linking by name, calling, and the two that are always there. */
#include <stdio.h>
#include <string.h>

#include "ir/base/alloc.h"
#include "ir/base/number.h"
#include "runtime/fp.h"
#include "runtime/ops.h"
#include "runtime/vm_state.h"

static void print(struct jr_vm *vm, const char *bytes, size_t size)
{
    if (vm->config.print)
        vm->config.print(vm->config.user, bytes, size);
    else
        fwrite(bytes, 1, size, stdout);
}

/* Printing wants the numbers as they are, tiny ones too, so the environment of the run is left for a moment.  A NaN has no
 * sign when it is printed. */
static int print_number(struct jr_task *task, uint64_t word, const char *end)
{
    char text[JR_NUMBER_TEXT_BYTES + 1];
    double value = jr_f64(word);
    uint64_t mode = jr_fp_enter();
    size_t length;
    jr_fp_leave(task->vm->fp_before);
    length = jr_number_display(value != value ? __builtin_nan("") : value, text);
    memcpy(text + length, end, strlen(end) + 1);
    print(task->vm, text, length + strlen(end));
    jr_fp_leave(mode);
    return JR_RUN_OK;
}

static int probe(struct jr_task *task, void *user, uint64_t *words)
{
    (void)user;
    return print_number(task, words[0], "");
}

static int probeln(struct jr_task *task, void *user, uint64_t *words)
{
    (void)user;
    return print_number(task, words[0], "\n");
}

const struct jr_host_function jr_builtin_functions[] = {
    { "probe", "w", "w", probe, NULL, true },
    { "probeln", "w", "w", probeln, NULL, true },
};
const size_t jr_builtin_function_count = sizeof jr_builtin_functions / sizeof jr_builtin_functions[0];

/* The letter of a word in a declaration; 0 for what no host function can be handed. */
static char letter_of(enum jr_word_class kind)
{
    switch (kind) {
    case JR_WORD_RAW:
        return 'w';
    case JR_WORD_CLOSURE:
        return 'c';
    case JR_WORD_ARRAY:
        return 'a';
    case JR_WORD_STRING:
        return 's';
    case JR_WORD_BOX:
        return 'b';
    case JR_WORD_CELL:
    case JR_WORD_SUM:
    case JR_WORD_SUM_TAIL:
        break;
    }
    return 0;
}

static bool fits_layout(const struct jr_layout *layout, const char *letters)
{
    if (letters == NULL)
        return true;
    if (strlen(letters) != layout->word_count)
        return false;
    for (uint32_t i = 0; i < layout->word_count; i++)
        if (letter_of(layout->words[i].kind) != letters[i])
            return false;
    return true;
}

static void write_layout(const struct jr_layout *layout, char *text, size_t size)
{
    size_t length = 0;
    for (uint32_t i = 0; i < layout->word_count && length + 1 < size; i++) {
        char letter = letter_of(layout->words[i].kind);
        text[length++] = letter ? letter : '?';
    }
    text[length] = '\0';
}

static const struct jr_host_function *find_function(const struct jr_host_function *functions, size_t count,
                                                    const char *name)
{
    for (size_t i = count; i-- > 0;)
        if (strcmp(functions[i].name, name) == 0)
            return &functions[i];
    return NULL;
}

static enum jr_status link_import(struct jr_vm *vm, const struct jr_import *import, struct jr_linked *linked,
                                  const struct jr_host_function *functions, size_t count, char *message,
                                  size_t size)
{
    const struct jr_signature *signature = &vm->module->signatures[import->signature];
    const struct jr_layout *params = &vm->module->layouts[signature->param_layout];
    const struct jr_layout *results = &vm->module->layouts[signature->result_layout];
    const struct jr_host_function *function = find_function(functions, count, import->name);
    if (function == NULL)
        function = find_function(jr_builtin_functions, jr_builtin_function_count, import->name);
    if (function == NULL) {
        if (message)
            snprintf(message, size, "the host has no function %s", import->name);
        return JR_ERR_UNKNOWN_HOST;
    }
    if (!fits_layout(params, function->params) || !fits_layout(results, function->results)) {
        if (message) {
            char wanted[2][64];
            write_layout(params, wanted[0], sizeof wanted[0]);
            write_layout(results, wanted[1], sizeof wanted[1]);
            snprintf(message, size, "the host's function %s is (%s)->(%s), the program wants (%s)->(%s)",
                     import->name, function->params ? function->params : "...",
                     function->results ? function->results : "...", wanted[0], wanted[1]);
        }
        return JR_ERR_HOST_SIGNATURE;
    }
    linked->call = function->call;
    linked->user = function->user;
    linked->leaf = function->leaf;
    linked->window_words =
        params->word_count > results->word_count ? params->word_count : results->word_count;
    return JR_OK;
}

enum jr_status jr_vm_link(struct jr_vm *vm, const struct jr_host_function *functions, size_t count,
                          char *message, size_t message_size)
{
    const struct jr_module *module = vm->module;
    struct jr_linked *imports;
    if (message && message_size)
        message[0] = '\0';
    if (module->import_count == 0)
        return JR_OK;
    imports = jr_alloc_array(vm->alloc, module->import_count, sizeof imports[0]);
    if (imports == NULL)
        return JR_ERR_NO_MEMORY;
    for (uint32_t i = 0; i < module->import_count; i++) {
        enum jr_status status = link_import(vm, &module->imports[i], &imports[i], functions, count,
                                            message_size ? message : NULL, message_size);
        if (status != JR_OK) {
            jr_alloc_free(vm->alloc, imports, module->import_count * sizeof imports[0]);
            return status;
        }
    }
    jr_vm_uninstall(vm); /* who is called may be no leaf any more */
    jr_alloc_free(vm->alloc, vm->imports, module->import_count * sizeof imports[0]);
    vm->imports = imports;
    return JR_OK;
}

int jr_rt_call_host(struct jr_task *task, uint64_t *window, uint32_t import)
{
    const struct jr_linked *linked = &task->vm->imports[import];
    uint64_t *outer_frame = task->host_frame;
    uint32_t depth_left = task->call_depth_left;
    int run;
    /* A host function with many results may need more room than the caller's frame has above its window. */
    if ((size_t)(task->stack_end - window) < linked->window_words)
        return jr_rt_stack_overflow(task);
    task->host_frame = window + linked->window_words;
    task->error = NULL;
    run = linked->call(task, linked->user, window);
    task->host_frame = outer_frame;
    task->call_depth_left = depth_left;
    if (run == JR_RUN_OK)
        return JR_RUN_OK;
    if (task->error == NULL)
        return jr_error_raise(task, JR_ERR_HOST, "the host function %s failed",
                              task->vm->module->imports[import].name);
    return JR_RUN_ERROR;
}
