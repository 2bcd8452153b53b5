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
    double *expected; /* frame by frame; NULL if nothing is said about values */
    size_t expected_count;
    char *runtime_error;          /* part of the message; NULL if the run must end well */
    bool has_frames_before_error; /* how many whole frames come before it */
    uint64_t frames_before_error;
    bool nothing_to_run; /* it has no dsp */
    bool falling;        /* each value is below the one before, and they are not all 0 */

    /* The script must not compile; what is said of its errors: */
    char **errors; /* "E-NAME 3:14", all of them, in order; NULL if nothing is said in this way */
    size_t error_count;
    char **categories; /* "E-NAME", all of them, in order */
    size_t category_count;
    char **among_categories; /* each of them is among the errors, as often as it stands here */
    size_t among_category_count;
    char *first_category, *mentions; /* of the first one; what one of the messages says */
};

struct json_t;

enum jr_expectation_result { JR_EXPECTATION_FOUND, JR_EXPECTATION_NONE, JR_EXPECTATION_BAD };

/* Looks for the header in a script's text.  FOUND: the caller ends *out with jr_expectation_fini.  BAD: it is there but cannot be
 * understood, and `message` says why. */
enum jr_expectation_result jr_expectation_read(const char *text, size_t length, struct jr_expectation *out,
                                               char *message, size_t message_size);
/* The same from the members of a JSON object.  True: the caller ends *out.  False: `message` says what is wrong. */
bool jr_expectation_read_object(const struct json_t *object, struct jr_expectation *out, char *message,
                                size_t message_size);
/* Whether the script must be refused by the compiler. */
bool jr_expectation_wants_errors(const struct jr_expectation *expectation);
void jr_expectation_fini(struct jr_expectation *expectation);

#endif
