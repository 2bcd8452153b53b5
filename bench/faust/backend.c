/* backend.c -- a kernel in one of the back ends that Faust's library brings along: its LLVM compiler or its interpreter.
 *
 * JR_FAUST_FILE is the program, JR_FAUST_LIBRARIES the folder of common.lib; with JR_FAUST_INTERPRETER defined it is interpreted.
 * Reports like the C twins (bench/c/twin.h). */
#include <stdio.h>
#include <stdlib.h>

#include "bench/c/twin.h"

/* Of the library.  Declared here because its own headers for C (2.54.9) are not C.  With -double samples are doubles. */
#ifdef JR_FAUST_INTERPRETER
void *createCInterpreterDSPFactoryFromFile(const char *path, int argc, const char *argv[], char *error);
void *createCInterpreterDSPInstance(void *factory);
void initCInterpreterDSPInstance(void *instance, int sample_rate);
void computeCInterpreterDSPInstance(void *instance, int count, double **in, double **out);
#define create_factory(path, argc, argv, error) createCInterpreterDSPFactoryFromFile(path, argc, argv, error)
#define create_instance createCInterpreterDSPInstance
#define init_instance initCInterpreterDSPInstance
#define compute_instance computeCInterpreterDSPInstance
#else
void *createCDSPFactoryFromFile(const char *path, int argc, const char *argv[], const char *target, char *error,
                                int optimisation);
void *createCDSPInstance(void *factory);
void initCDSPInstance(void *instance, int sample_rate);
void computeCDSPInstance(void *instance, int count, double **in, double **out);
#define create_factory(path, argc, argv, error) \
    createCDSPFactoryFromFile(path, argc, argv, "" /* this machine */, error, -1 /* the most there is */)
#define create_instance createCDSPInstance
#define init_instance initCDSPInstance
#define compute_instance computeCDSPInstance
#endif

static void *program;

/* Before main, as the time of the first run counts. */
__attribute__((constructor)) static void prepare(void)
{
    static char error[4096];
    const char *arguments[] = { "-double", "-I", JR_FAUST_LIBRARIES };
    void *factory =
        create_factory(JR_FAUST_FILE, (int)(sizeof arguments / sizeof arguments[0]), arguments, error);
    program = factory ? create_instance(factory) : NULL;
    if (program == NULL) {
        fprintf(stderr, "%s: %s\n", JR_FAUST_FILE, error);
        exit(3);
    }
    init_instance(program, (int)TWIN_SAMPLE_RATE);
}

void twin_run(double *out, size_t frames)
{
    compute_instance(program, (int)frames, NULL, &out);
}
