/* expectation.h -- what a test script says about itself: a line `// @test {json}` among its first eight. */
#ifndef JR_CLI_EXPECTATION_H
#define JR_CLI_EXPECTATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct jr_expectation {
    uint64_t times;   /* frames to compute */
    bool stereo;      /* two channels instead of one */
    double tolerance; /* absolute */
    double *expected; /* frame by frame; NULL if the header has none */
    size_t expected_count;
    char **errors; /* "E-NAME 3:14", in order; NULL if the script must compile */
    size_t error_count;
    char *runtime_error; /* part of the message; NULL if the run must end well */
};

enum jr_expectation_result { JR_EXPECTATION_FOUND, JR_EXPECTATION_NONE, JR_EXPECTATION_BAD };

/* Looks for the header in a script's text.  FOUND: the caller ends *out with jr_expectation_fini.  BAD: it is there but cannot be
 * understood, and `message` says why. */
enum jr_expectation_result jr_expectation_read(const char *text, size_t length, struct jr_expectation *out,
                                               char *message, size_t message_size);
void jr_expectation_fini(struct jr_expectation *expectation);

#endif
