"""An S3 server on loopback for the tests: moto, with access control, a user and an empty bucket.

Prints one line, `ENDPOINT ACCESS_KEY SECRET_KEY BUCKET`, and serves until its standard input ends.
"""

import json
import logging
import sys
import urllib.request

import boto3
from moto.server import ThreadedMotoServer

logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
endpoint = f"http://{host}:{port}"

# Everything is allowed until access control begins, behind the three requests that make the user.
request = urllib.request.Request(
    endpoint + "/moto-api/reset-auth", data=b"3", method="POST", headers={"Content-Type": "text/plain"}
)
urllib.request.urlopen(request).read()


def client(name, key, secret):
    return boto3.client(
        name,
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=key,
        aws_secret_access_key=secret,
    )


iam = client("iam", "nobody", "nothing")
iam.create_user(UserName="tests")
pair = iam.create_access_key(UserName="tests")["AccessKey"]
allowed = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
iam.put_user_policy(UserName="tests", PolicyName="s3", PolicyDocument=policy)
key, secret = pair["AccessKeyId"], pair["SecretAccessKey"]
client("s3", key, secret).create_bucket(Bucket="vql-test")
print(endpoint, key, secret, "vql-test", flush=True)
sys.stdin.read()
