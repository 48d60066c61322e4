# The html report's style sheet and script become byte arrays of a generated header, and the path
# of the chart library (Debian: libjs-chart.js) a compile definition of the report floor.

function(cimarron_embed out_text symbol file)
  file(READ ${file} hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)"
         "\\1\n" bytes "${bytes}")
  set(${out_text} "${${out_text}}static const char ${symbol}[] = {\n${bytes}};\n" PARENT_SCOPE)
  set_property(DIRECTORY ${CMAKE_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
endfunction()

set(page "/* Generated from core/report/page.css and page.js. */\n")
cimarron_embed(page cimarron_page_css ${CMAKE_SOURCE_DIR}/core/report/page.css)
cimarron_embed(page cimarron_page_js ${CMAKE_SOURCE_DIR}/core/report/page.js)
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/cimarron_report_page.h CONTENT "${page}" @ONLY)

find_file(CIMARRON_CHART_JS chart.min.js
  PATHS /usr/share/javascript/chart.js /usr/share/nodejs/chart.js/dist NO_DEFAULT_PATH)
if(NOT CIMARRON_CHART_JS)
  message(STATUS "Chart.js not found: html reports will ask for libjs-chart.js")
  set(chart_js /usr/share/javascript/chart.js/chart.min.js)
else()
  set(chart_js ${CIMARRON_CHART_JS})
endif()
target_compile_definitions(cimarron_report PRIVATE CIMARRON_CHART_JS="${chart_js}")
