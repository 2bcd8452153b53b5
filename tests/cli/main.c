#include "tests/cli/program.h"

#include <stdlib.h>

int main(void)
{
    Suite *suite = suite_create("cli");
    suite_add_tcase(suite, diagnostics_page_tests());
    suite_add_tcase(suite, doc_tests());
    suite_add_tcase(suite, exit_code_tests());
    suite_add_tcase(suite, fmt_tests());
    suite_add_tcase(suite, cache_tests());
    suite_add_tcase(suite, inside_tests());
    suite_add_tcase(suite, library_tests());
    suite_add_tcase(suite, live_tests());
    suite_add_tcase(suite, module_tests());
    suite_add_tcase(suite, option_tests());
    suite_add_tcase(suite, output_tests());
    suite_add_tcase(suite, report_tests());
    suite_add_tcase(suite, sample_tests());
    suite_add_tcase(suite, test_command_tests());
    suite_add_tcase(suite, verify_tests());
    SRunner *runner = srunner_create(suite);
    folder_make();
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    folder_remove();
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
