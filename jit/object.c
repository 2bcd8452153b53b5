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

/* `relative` to the directory of the running program. */
static bool try_beside_program(struct jr_jit *jit, const char *relative, char *message, size_t message_size)
{
    char path[PATH_BYTES];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    if (length <= 0)
        return false;
    path[length] = '\0';
    char *slash = strrchr(path, '/');
    if (slash == NULL || (size_t)(slash - path) + 2 + strlen(relative) > sizeof path)
        return false;
    strcpy(slash + 1, relative);
    return try_path(jit, path, message, message_size);
}

bool jr_jit_open_object(struct jr_jit *jit, char *message, size_t message_size)
{
    const char *given = jit->config.object_path;
    if (given == NULL)
        given = secure_getenv("JITRUN_LLVM");
    if (given != NULL) { /* said where: no search, so that nobody gets another compiler than the one asked for */
        snprintf(message, message_size, "%s cannot be read", given);
        return try_path(jit, given, message, message_size);
    }
    snprintf(message, message_size, "%s was not found", OBJECT_NAME);
    return try_beside_program(jit, OBJECT_NAME, message, message_size) ||
           try_beside_program(jit, "../lib/jitrun/" OBJECT_NAME, message, message_size) ||
           try_path(jit, JR_BUILD_DIRECTORY "/" OBJECT_NAME, message, message_size);
}
