/* status.c -- names and texts of the status codes, from status.def. */
#include "ir/base/status.h"

const char *jr_status_name(enum jr_status status)
{
    switch (status) {
#define JR_STATUS(enumerator, name, text) \
    case enumerator:                      \
        return name;
#include "ir/base/status.def"
    }
    return "unknown";
}

const char *jr_status_text(enum jr_status status)
{
    switch (status) {
#define JR_STATUS(enumerator, name, text) \
    case enumerator:                      \
        return text;
#include "ir/base/status.def"
    }
    return "unknown status";
}
