/* state_tree.c -- walking and printing state layouts. */
#include "ir/state_tree.h"

#include "ir/base/alloc.h"

enum { PLACE_COLUMN = 56 };

const char *jr_site_kind_name(enum jr_site_kind kind)
{
    switch (kind) {
    case JR_SITE_SELF:
        return "self";
    case JR_SITE_MEM:
        return "mem";
    case JR_SITE_DELAY:
        return "delay";
    case JR_SITE_CALL:
        return "call";
    }
    return "site";
}

/* ---- the walk ---- */

static enum jr_status enter(struct jr_state_walk *walk, uint32_t function, uint32_t base)
{
    struct jr_state_level level = { &walk->module->functions[function], base, 0 };
    return JR_VEC_PUSH(walk->alloc, &walk->levels, level);
}

enum jr_status jr_state_walk_init(struct jr_state_walk *walk, const struct jr_alloc *alloc,
                                  const struct jr_module *module, uint32_t function)
{
    *walk = (struct jr_state_walk){ .module = module, .alloc = alloc };
    return enter(walk, function, 0);
}

void jr_state_walk_fini(struct jr_state_walk *walk)
{
    JR_VEC_FREE(walk->alloc, &walk->levels);
}

/* The site that a level looks at; NULL before its first. */
static const struct jr_state_site *current(const struct jr_state_level *level)
{
    return level->next == 0 ? NULL : &level->function->sites[level->next - 1];
}

enum jr_status jr_state_walk_next(struct jr_state_walk *walk, struct jr_state_node *node, bool *found)
{
    *found = false;
    if (walk->levels.count == 0)
        return JR_OK;
    struct jr_state_level *level = &walk->levels.items[walk->levels.count - 1];
    const struct jr_state_site *site = current(level);
    if (site != NULL && site->kind == JR_SITE_CALL) { /* its children come next; verified trees are finite */
        enum jr_status status = enter(walk, site->function, level->base + site->offset);
        if (status != JR_OK)
            return status;
        level = &walk->levels.items[walk->levels.count - 1];
    }
    while (level->next == level->function->site_count) {
        walk->levels.count--;
        if (walk->levels.count == 0)
            return JR_OK;
        level = &walk->levels.items[walk->levels.count - 1];
    }
    site = &level->function->sites[level->next++];
    *node = (struct jr_state_node){
        .site = site,
        .owner = level->function,
        .offset = level->base + site->offset,
        .depth = (uint32_t)walk->levels.count - 1,
        .index = level->next - 1,
    };
    *found = true;
    return JR_OK;
}

enum jr_status jr_state_walk_leaf(struct jr_state_walk *walk, struct jr_state_node *node, bool *found)
{
    enum jr_status status;
    do
        status = jr_state_walk_next(walk, node, found);
    while (status == JR_OK && *found && node->site->kind == JR_SITE_CALL);
    return status;
}

const struct jr_state_site *jr_state_walk_call(const struct jr_state_walk *walk, uint32_t level)
{
    return (size_t)level + 1 < walk->levels.count ? current(&walk->levels.items[level]) : NULL;
}

/* ---- printing ---- */

static const char *plural(uint32_t count)
{
    return count == 1 ? "" : "s";
}

static void print_place(const struct jr_module *module, struct jr_place place, size_t line_start,
                        struct jr_sb *out)
{
    if (place.line == 0 || place.file >= module->file_count)
        return;
    size_t column = out->length - line_start;
    jr_sb_repeat(out, ' ', column < PLACE_COLUMN ? PLACE_COLUMN - column : 1);
    jr_sb_format(out, "%s:%u:%u", module->files[place.file], place.line, place.column);
}

static void print_node(const struct jr_module *module, const struct jr_state_node *node, struct jr_sb *out)
{
    size_t line_start = out->length;
    const struct jr_state_site *site = node->site;
    jr_sb_format(out, "%8u  ", node->offset);
    jr_sb_repeat(out, ' ', 2 * (size_t)node->depth);
    jr_sb_text(out, jr_site_kind_name(site->kind));
    if (site->name[0] != '\0')
        jr_sb_format(out, " %s", site->name);
    jr_sb_format(out, "  %u word%s", site->word_count, plural(site->word_count));
    if (site->kind == JR_SITE_DELAY)
        jr_sb_format(out, " (%u sample%s)", site->length, plural(site->length));
    print_place(module, site->place, line_start, out);
    jr_sb_char(out, '\n');
}

static enum jr_status print_function(const struct jr_module *module, uint32_t function, struct jr_sb *out)
{
    struct jr_state_walk walk;
    struct jr_state_node node;
    bool found;
    uint32_t words = module->functions[function].state_words;
    jr_sb_format(out, "%s: %u word%s\n", module->functions[function].name, words, plural(words));
    enum jr_status status = jr_state_walk_init(&walk, out->alloc, module, function);
    while (status == JR_OK) {
        status = jr_state_walk_next(&walk, &node, &found);
        if (status != JR_OK || !found)
            break;
        print_node(module, &node, out);
    }
    jr_state_walk_fini(&walk);
    return status;
}

enum jr_status jr_state_print(const struct jr_module *module, uint32_t function, struct jr_sb *out)
{
    enum jr_status status = JR_OK;
    bool *called = NULL;
    size_t called_size = (size_t)module->function_count + 1;
    if (function != JR_NONE) {
        JR_TRY(print_function(module, function, out));
        return jr_sb_status(out);
    }
    called = jr_alloc_new(out->alloc, called_size);
    JR_TRY(called == NULL ? JR_ERR_NO_MEMORY : JR_OK);
    for (uint32_t i = 0; i < module->function_count; i++)
        for (uint32_t s = 0; s < module->functions[i].site_count; s++)
            if (module->functions[i].sites[s].kind == JR_SITE_CALL)
                called[module->functions[i].sites[s].function] = true;
    if (module->dsp != JR_NONE)
        JR_TRY(print_function(module, module->dsp, out));
    for (uint32_t i = 0; i < module->function_count; i++)
        if (i != module->dsp && !called[i] && module->functions[i].state_words != 0)
            JR_TRY(print_function(module, i, out));
    status = jr_sb_status(out);
done:
    jr_alloc_free(out->alloc, called, called_size);
    return status;
}
