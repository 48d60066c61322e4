# gcc's counters reach their files at exit(); children of the program end by _exit(), so that the
# linker puts this in its place.  The counters are those of the coverage preset.
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/coverage_exit.c CONTENT [[
extern void __gcov_dump(void);
extern _Noreturn void __real__exit(int status);
_Noreturn void __wrap__exit(int status);
void __wrap__exit(int status)
{
    __gcov_dump();
    __real__exit(status);
}
]] @ONLY)
target_sources(cimarron PRIVATE ${CMAKE_BINARY_DIR}/generated/coverage_exit.c)
target_link_options(cimarron PRIVATE -Wl,--wrap=_exit)
