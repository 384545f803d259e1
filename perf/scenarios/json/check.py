"""The expected value of this scenario, by Python's own JSON: the printed text's hash, and where mistakes are."""
import json

RECORD = (
    '{ "name" : "caf\\u00e9 \\"noir\\"", "price":-12.50e+2,"tags":[ ],"extra" :{}, "ok":[true,false , null],\n'
    '  "nested": [[1,2,[3]], {"a\\n\\t\\u0001": "\\/ \\\\ €", "b": [0, -0.5, 10E3]}], "日本": "\\u65e5\\u672c" }'
)
# Start of the token at which each of the broken texts of main.voyd stops being JSON, counted by hand.
MISTAKES = [0, 5, 5, 1, 0, 4, 0, 3, 6, 1, 1]


def main():
    text = "[" + ",".join([RECORD] * 40) + " ]\n"
    marked = json.loads(text, parse_float=lambda spelling: "\x00" + spelling)
    pretty = json.dumps(marked, indent=2, ensure_ascii=False)
    for spelling in ("-12.50e+2", "-0.5", "10E3"):
        pretty = pretty.replace('"\\u0000' + spelling + '"', spelling)
    value = 0
    for byte in pretty.encode():
        value = (value * 131 + byte) % 15485863
    places = 0
    for place in MISTAKES:
        places = (places * 17 + place) % 1000003
    print(value + places)


main()
