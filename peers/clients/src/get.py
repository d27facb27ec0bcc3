"""Gets a URL with httpx: httpx.py URL FILE-OF-AUTHORITIES."""

import ssl
import sys

import httpx

context = ssl.create_default_context(cafile=sys.argv[2])
with httpx.Client(http2=True, verify=context) as client:
    response = client.get(sys.argv[1])
print(response.status_code, response.text)
