# Tests of the tree itself: include arrows, headers alone, format, exported symbols, licence lines, file sizes, what the pages
# show and link to.
set(EK_META ${PROJECT_SOURCE_DIR}/tests/meta)
function(ek_meta_test name)
  add_test(NAME meta/${name} COMMAND ${ARGN} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(meta/${name} PROPERTIES LABELS meta SKIP_RETURN_CODE 77)
endfunction()

ek_meta_test(includes sh ${EK_META}/includes.sh .)
ek_meta_test(includes_finds sh ${EK_META}/includes_finds.sh ${EK_TEST_TMP}/includes)
ek_meta_test(format sh ${EK_META}/format.sh)
ek_meta_test(files sh ${EK_META}/files.sh)
ek_meta_test(bench_tables sh ${EK_META}/bench_tables.sh ${EK_TEST_TMP}/bench_tables)
ek_meta_test(readme sh ${EK_META}/readme.sh)
ek_meta_test(links sh ${EK_META}/links.sh)
ek_meta_test(exports sh ${EK_META}/exports.sh $<TARGET_FILE:evenkeel>)
ek_meta_test(ops_def sh ${EK_META}/ops_def.sh $<TARGET_FILE:evenkeel_static> src/ops/ops.def)

file(GLOB EK_PUBLIC_HEADERS CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/include include/evenkeel/*.h)
foreach(header ${EK_PUBLIC_HEADERS})
  get_filename_component(name ${header} NAME_WE)
  add_test(NAME header/${name} COMMAND sh ${EK_META}/header.sh ${CMAKE_C_COMPILER} ${PROJECT_SOURCE_DIR}/include ${header})
  set_tests_properties(header/${name} PROPERTIES LABELS header)
endforeach()
