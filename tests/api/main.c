/* Tests of jitrun.h, through the shared library as hosts use it. */
#include <stdlib.h>

#include "tests/api/fixture.h"

int main(void)
{
    SRunner *runner = srunner_create(engine_suite());
    int failed;
    srunner_add_suite(runner, instance_suite());
    srunner_add_suite(runner, host_suite());
    srunner_add_suite(runner, state_suite());
    srunner_add_suite(runner, memory_suite());
    srunner_add_suite(runner, threads_suite());
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
