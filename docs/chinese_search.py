"""Search on the Chinese pages: every two characters that follow each other are a word, so no dictionary is needed."""

import re

from sphinx.search.en import SearchEnglish

HAN = "\u4e00-\u9fff"
RUNS = re.compile(rf"[{HAN}]+|[^\W{HAN}]+")
SPLITTER = """
var splitQuery = (query) =>
  (query.match(/[\\u4e00-\\u9fff]+|(?:(?![\\u4e00-\\u9fff])[\\p{Letter}\\p{Number}_])+/gu) || [])
    .flatMap((run) =>
      /[\\u4e00-\\u9fff]/.test(run) && run.length > 2
        ? Array.from({ length: run.length - 1 }, (_, i) => run.slice(i, i + 2))
        : [run]
    );
"""


class SearchChinese(SearchEnglish):
    """Index and query in pairs of Chinese characters, and in English words with their endings taken off."""

    lang = "zh"
    js_splitter_code = SPLITTER

    def split(self, input):
        words = []
        for run in RUNS.findall(input):
            pairs = "\u4e00" <= run[0] <= "\u9fff" and len(run) > 2
            words += [run[i : i + 2] for i in range(len(run) - 1)] if pairs else [run]
        return words
