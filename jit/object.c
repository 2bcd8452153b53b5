/* object.c -- finds and opens the shared object with the compiler. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "jit/internal.h"

#define OBJECT_NAME "jitrun_llvm.so"

enum { PATH_BYTES = 4096 };

/* Tries one path; false if there is nothing that can be opened, with a reason when the file does exist. */
static bool try_path(struct jr_jit *jit, const char *path, char *message, size_t message_size)
{
    if (access(path, R_OK) != 0)
        return false;
    /* Kept for the life of the process: LLVM's own globals do not survive being unloaded and opened again. */
    void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (object == NULL) {
        snprintf(message, message_size, "%s", dlerror());
        return false;
    }
    jr_provider_function *function = (jr_provider_function *)(uintptr_t)dlsym(object, JR_PROVIDER_SYMBOL);
    const struct jr_provider *provider = function != NULL ? function() : NULL;
    if (provider == NULL || provider->version != JR_PROVIDER_VERSION) {
        snprintf(message, message_size, "%s belongs to another version of jitrun", path);
        dlclose(object);
        return false;
    }
    jit->object = object;
    jit->provider = provider;
    return true;
}

/* The places in order: beside the file that this code was loaded from, which is the program or a shared library, and where it is installed
 * from there; then the same for the program; then where it was built.  False beyond the last, or if place `index` does not exist. */
enum { PLACES = 7 };

static bool place_of(int index, char path[PATH_BYTES])
{
    static const char *const relative[] = { OBJECT_NAME, "jitrun/" OBJECT_NAME, "../" JR_LIBDIR "/jitrun/" OBJECT_NAME };
    size_t length = 0;
    Dl_info self;
    char *slash;
    if (index == 6) {
        snprintf(path, PATH_BYTES, "%s/%s", JR_BUILD_DIRECTORY, OBJECT_NAME);
        return true;
    }
    if (index < 3) {
        if (dladdr((const void *)(uintptr_t)place_of, &self) == 0 || strchr(self.dli_fname, '/') == NULL ||
            (length = strlen(self.dli_fname)) >= PATH_BYTES)
            return false;
        memcpy(path, self.dli_fname, length + 1);
    } else {
        ssize_t got = readlink("/proc/self/exe", path, PATH_BYTES - 1);
        if (got <= 0)
            return false;
        path[got] = '\0';
    }
    slash = strrchr(path, '/');
    if (slash == NULL || (size_t)(slash - path) + 2 + strlen(relative[index % 3]) > PATH_BYTES)
        return false;
    strcpy(slash + 1, relative[index % 3]);
    return true;
}

static const char *given_path(const char *object_path)
{
    return object_path != NULL ? object_path : secure_getenv("JITRUN_LLVM");
}

bool jr_jit_object_path(const char *object_path, char *out, size_t size)
{
    const char *given = given_path(object_path);
    char path[PATH_BYTES];
    for (int i = 0; given == NULL && i < PLACES; i++)
        if (place_of(i, path) && access(path, R_OK) == 0)
            given = path;
    return given != NULL && snprintf(out, size, "%s", given) < (int)size;
}

bool jr_jit_is_there(const char *object_path)
{
    char path[PATH_BYTES];
    return jr_jit_object_path(object_path, path, sizeof path) && access(path, R_OK) == 0;
}

bool jr_jit_open_object(struct jr_jit *jit, char *message, size_t message_size)
{
    const char *given = given_path(jit->config.object_path);
    char path[PATH_BYTES];
    if (given != NULL) { /* said where: no search, so that nobody gets another compiler than the one asked for */
        snprintf(message, message_size, "%s cannot be read", given);
        return try_path(jit, given, message, message_size);
    }
    snprintf(message, message_size, "%s was not found", OBJECT_NAME);
    for (int i = 0; i < PLACES; i++)
        if (place_of(i, path) && try_path(jit, path, message, message_size))
            return true;
    return false;
}
