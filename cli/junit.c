#include "cli/junit.h"

#include <errno.h>
#include <stdio.h>

#include "ir/base/alloc.h"

void jr_junit_init(struct jr_junit *junit)
{
    *junit = (struct jr_junit){ 0 };
    jr_sb_init(&junit->cases, jr_alloc_default());
}

void jr_junit_fini(struct jr_junit *junit)
{
    jr_sb_fini(&junit->cases);
}

/* Text within an attribute; what XML cannot hold becomes a question mark. */
static void put_text(struct jr_sb *out, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '<':
            jr_sb_text(out, "&lt;");
            break;
        case '>':
            jr_sb_text(out, "&gt;");
            break;
        case '&':
            jr_sb_text(out, "&amp;");
            break;
        case '"':
            jr_sb_text(out, "&quot;");
            break;
        case '\n':
            jr_sb_text(out, "&#10;");
            break;
        case '\t':
            jr_sb_text(out, "&#9;");
            break;
        default:
            jr_sb_char(out, (unsigned char)*text < 0x20 ? '?' : *text);
        }
    }
}

void jr_junit_add(struct jr_junit *junit, const char *script, const char *engine, double seconds,
                  const char *failure)
{
    struct jr_sb *out = &junit->cases;
    junit->count++;
    jr_sb_text(out, "  <testcase classname=\"");
    put_text(out, script);
    jr_sb_format(out, "\" name=\"%s\" time=\"%.6f\"", engine, seconds);
    if (failure) {
        junit->failures++;
        jr_sb_text(out, ">\n    <failure message=\"");
        put_text(out, failure);
        jr_sb_text(out, "\"/>\n  </testcase>\n");
    } else {
        jr_sb_text(out, "/>\n");
    }
}

bool jr_junit_write(const struct jr_junit *junit, const char *path)
{
    FILE *file;
    bool good;
    if (jr_sb_status(&junit->cases) != JR_OK) {
        errno = ENOMEM;
        return false;
    }
    file = fopen(path, "w");
    if (!file)
        return false;
    good = fprintf(file,
                   "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                   "<testsuite name=\"jitrun\" tests=\"%u\" failures=\"%u\">\n%s</testsuite>\n",
                   junit->count, junit->failures, jr_sb_view(&junit->cases)) >= 0;
    return (fclose(file) == 0) & good;
}
